import "./style.css";
import { render } from "preact";
import { startRouter } from "./lib/router.ts";
import { App } from "./shell/app.tsx";
import { startKeys } from "./shell/keys.ts";
import { startTheme } from "./shell/theme.ts";

startTheme();
startRouter();
startKeys();
render(<App />, document.getElementById("app")!);
