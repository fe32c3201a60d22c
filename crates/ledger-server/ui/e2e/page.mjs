// Does in a browser what people do on the page. `cargo test -p ledger-cli --test page` runs it, on its ledgers.
import "./views.mjs";
import "./events.mjs";
import "./live.mjs";
import "./lineage.mjs";
import "./runs.mjs";
import "./sessions.mjs";
import "./hostile.mjs";
import "./sign-in.mjs";
import "./away.mjs";
import "./replicas.mjs";
import "./keyboard.mjs";
import "./many.mjs";
import "./empty.mjs";
