// A placeholder, until the page is built.
document.getElementById("app").textContent = "The page is not built yet.";
