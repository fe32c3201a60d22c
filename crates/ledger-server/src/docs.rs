//! The OpenAPI document as one page of HTML, which needs nothing from elsewhere and runs nothing.

use std::fmt::Write;

use serde_json::Value;

/// Where the examples send their calls.
const SERVER: &str = "http://localhost:7070";

const STYLE: &str = "
:root { color-scheme: light dark; --line: #8885; --soft: #8882; --strong: light-dark(#0550ae, #79c0ff) }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h2 { border-bottom: 1px solid var(--line); margin-top: 3rem }
h3 { margin: 2rem 0 .5rem; overflow-wrap: anywhere }
h4 { margin: 1rem 0 .25rem }
code, pre { font: .875rem/1.5 ui-monospace, monospace }
pre { background: var(--soft); border-radius: .25rem; overflow-x: auto; padding: .75rem }
table { border-collapse: collapse; width: 100% }
th, td { border-top: 1px solid var(--line); overflow-wrap: anywhere; padding: .25rem .75rem .25rem 0; text-align: left; \
vertical-align: top }
a { color: var(--strong) }
nav li { list-style: none }
.method { color: var(--strong); font-weight: 700 }
";

/// Writes the page.
pub(crate) fn page(document: &Value) -> String {
    let info = &document["info"];
    let title = format!("{} {}", text(&info["title"]), text(&info["version"]));
    let groups = items(&document["tags"]).map(|tag| group(document, tag));
    let (contents, groups): (Vec<_>, Vec<_>) = groups.unzip();
    let schemas = members(&document["components"]["schemas"]).map(|(name, schema)| described(name, schema));
    let schemas: String = schemas.collect();
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}</style></head><body><h1>{title}</h1>\
         {about}<p>All of this, for programs: <a href=\"/openapi.json\"><code>/openapi.json</code></a>.</p>\
         <nav>{contents}</nav><main>{groups}<h2 id=\"schemas\">Schemas</h2>{schemas}</main></body></html>",
        title = escape(&title),
        about = prose(&info["description"]),
        contents = contents.concat(),
        groups = groups.concat(),
    )
}

/// Writes a group of operations: what the contents say of it, and itself.
fn group(document: &Value, tag: &Value) -> (String, String) {
    let name = text(&tag["name"]);
    let mut contents = String::new();
    let mut section = format!("<h2>{}</h2>{}", escape(name), prose(&tag["description"]));
    for (path, method, operation) in operations(document) {
        if !items(&operation["tags"]).any(|tag| tag == name) {
            continue;
        }
        let (id, title) = (escape(text(&operation["operationId"])), titled(path, method));
        write!(contents, "<li><a href=\"#{id}\">{title}</a></li>").expect("a string takes all");
        write!(section, "<article id=\"{id}\"><h3>{title}</h3>").expect("a string takes all");
        section.push_str(&[prose(&operation["summary"]), prose(&operation["description"])].concat());
        section.push_str(&parameters(operation));
        section.push_str(&sent(operation));
        section.push_str(&answers(operation));
        let call = escape(&curl(document, path, method, operation));
        write!(section, "<h4>Example</h4><pre>{call}</pre></article>").expect("a string takes all");
    }
    (format!("<p>{}</p><ul>{contents}</ul>", escape(name)), section)
}

/// Returns the operations of a document: path, method and what is said of them.
pub(crate) fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = members(&document["paths"]);
    paths.flat_map(|(path, item)| members(item).map(move |(method, operation)| (path, method, operation)))
}

fn titled(path: &str, method: &str) -> String {
    format!("<code><span class=\"method\">{}</span> {}</code>", escape(&method.to_uppercase()), escape(path))
}

fn parameters(operation: &Value) -> String {
    let rows = items(&operation["parameters"]).map(|parameter| {
        let place = if parameter["required"] == true { "needed" } else { "optional" };
        let place = format!("{}, {place}", escape(text(&parameter["in"])));
        let name = format!("<code>{}</code>", escape(text(&parameter["name"])));
        [name, place, brief(&parameter["schema"]), prose(&parameter["description"])]
    });
    table("Parameters", ["Name", "Where", "What", ""], rows)
}

/// Writes what an operation takes as a body.
fn sent(operation: &Value) -> String {
    let body = &operation["requestBody"];
    let contents = members(&body["content"]);
    let rows = contents.map(|(media, content)| [format!("<code>{}</code>", escape(media)), brief(&content["schema"])]);
    table("Body", ["Content type", "What"], rows) + &prose(&body["description"])
}

fn answers(operation: &Value) -> String {
    let rows = members(&operation["responses"]).map(|(status, answer)| {
        let contents = members(&answer["content"]).map(|(media, content)| match content.get("schema") {
            Some(schema) => format!("<code>{}</code>: {}<br>", escape(media), brief(schema)),
            None => format!("<code>{}</code><br>", escape(media)),
        });
        [escape(status), contents.collect(), prose(&answer["description"])]
    });
    table("Answers", ["Status", "What", ""], rows)
}

/// Writes a table, unless it would be empty.
fn table<const N: usize>(title: &str, heads: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let rows: String = rows.map(|row| format!("<tr><td>{}</td></tr>", row.join("</td><td>"))).collect();
    if rows.is_empty() {
        return rows;
    }
    format!("<h4>{title}</h4><table><tr><th>{}</th></tr>{rows}</table>", heads.join("</th><th>"))
}

/// Writes a schema of the document itself.
fn described(name: &str, schema: &Value) -> String {
    let (name, says) = (escape(name), prose(&schema["description"]));
    let json = escape(&serde_json::to_string_pretty(schema).unwrap_or_default());
    let title = format!("<h3 id=\"schema-{name}\"><code>{name}</code></h3>");
    format!("{title}{says}<details><summary>JSON Schema</summary><pre>{json}</pre></details>")
}

/// Says in a few words what a schema lets in.
fn brief(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|name| name.rsplit('/').next()) {
        return format!("<a href=\"#schema-{0}\">{0}</a>", escape(name));
    }
    for (several, joined) in [("oneOf", " or "), ("anyOf", " or "), ("allOf", " and ")] {
        if schema.get(several).is_some() {
            return items(&schema[several]).map(brief).collect::<Vec<_>>().join(joined);
        }
    }
    if schema.get("enum").is_some() {
        let words = items(&schema["enum"]).map(|word| format!("<code>{}</code>", escape(&word.to_string())));
        return words.collect::<Vec<_>>().join(", ");
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().map(text).collect::<Vec<_>>().join(" or "),
        Value::String(kind) => kind.clone(),
        _ => "any JSON".to_owned(),
    };
    if kind == "array" {
        return format!("array of {}{}", brief(&schema["items"]), bounds(schema, "minItems", "maxItems"));
    }
    let format = schema["format"].as_str().map(|format| format!(" ({})", escape(format))).unwrap_or_default();
    let numbers = bounds(schema, "minimum", "maximum") + &bounds(schema, "minLength", "maxLength");
    let pattern = schema["pattern"].as_str().map(|pattern| format!(" <code>{}</code>", escape(pattern)));
    escape(&kind) + &format + &numbers + &pattern.unwrap_or_default()
}

fn bounds(schema: &Value, least: &str, most: &str) -> String {
    match (schema.get(least), schema.get(most)) {
        (Some(least), Some(most)) => format!(", {least} to {most}"),
        (Some(least), None) => format!(", {least} or more"),
        (None, Some(most)) => format!(", {most} at most"),
        (None, None) => String::new(),
    }
}

/// Writes a call for a shell.
fn curl(document: &Value, path: &str, method: &str, operation: &Value) -> String {
    let needed = items(&operation["parameters"]).filter(|one| one["in"] == "query" && one["required"] == true);
    let needed = needed.map(|one| text(&one["name"])).map(|name| format!("{name}={}", name.to_uppercase()));
    let needed: Vec<_> = needed.collect();
    let query = if needed.is_empty() { String::new() } else { format!("?{}", needed.join("&")) };
    // A name in braces stands for something that the caller knows.
    let parts = path.split_inclusive('/').map(|part| match part.strip_prefix('{') {
        Some(name) => name.replace('}', "").to_uppercase(),
        None => part.to_owned(),
    });
    let mut call = format!("curl '{SERVER}{}{query}'", parts.collect::<String>());
    let is_open = operation["security"].is_array() || document["security"].is_null();
    if !is_open {
        call.push_str(" \\\n  -H \"Authorization: Bearer $LEDGER_API_TOKEN\"");
    }
    let answers = &operation["responses"]["200"]["content"];
    if answers.get("text/event-stream").is_some() {
        call.push_str(" -N");
    } else if answers.get("application/vnd.sqlite3").is_some() {
        call.push_str(" -o ledger.db");
    }
    let body = members(&operation["requestBody"]["content"]).next();
    match body.map(|(media, content)| (media, &content["example"])) {
        Some((media, example)) => {
            let example = example.as_str().map_or_else(|| example.to_string(), str::to_owned).replace('\'', "'\\''");
            write!(call, " \\\n  -H 'Content-Type: {media}' \\\n  --data-binary '{example}'")
                .expect("a string takes all");
        }
        None if method == "get" => {}
        None => write!(call, " -X {}", method.to_uppercase()).expect("a string takes all"),
    }
    call
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Writes prose: paragraphs, with code between backticks.
fn prose(value: &Value) -> String {
    let paragraphs = text(value).split("\n\n").filter(|paragraph| !paragraph.is_empty()).map(|paragraph| {
        let parts = paragraph.split('`').zip([false, true].into_iter().cycle());
        let parts = parts.map(|(part, is_code)| match is_code {
            true => format!("<code>{}</code>", escape(part)),
            false => escape(part),
        });
        format!("<p>{}</p>", parts.collect::<String>())
    });
    paragraphs.collect()
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_document_says_is_escaped_wherever_it_stands() {
        let evil = "<script>alert('&\"')</script>";
        let schema = json!({"type": evil, "format": evil, "pattern": evil});
        let parameters = json!([
            {"name": evil, "in": evil, "description": evil, "schema": schema},
            {"name": evil, "in": "query", "required": true, "schema": {"enum": [evil]}}
        ]);
        let body = json!({"description": evil, "content": {evil: {"schema": {"$ref": evil}, "example": evil}}});
        let answer = json!({"description": evil, "content": {evil: {"schema": {"oneOf": [{"type": [evil]}]}}}});
        let operation = json!({
            "tags": [evil], "operationId": evil, "summary": evil, "description": evil,
            "parameters": parameters, "requestBody": body, "responses": {evil: answer}
        });
        let page = page(&json!({
            "info": {"title": evil, "version": evil, "description": evil},
            "tags": [{"name": evil, "description": evil}],
            "security": [{"token": []}],
            "components": {"schemas": {evil: {"description": evil, "pattern": evil}}},
            "paths": {evil: {"post": operation}}
        }));
        assert!(!page.contains("<script") && !page.contains("alert('"), "{page}");
        assert!(page.matches("&lt;script&gt;").count() > 20, "{page}");
    }

    #[test]
    fn an_example_is_a_call_that_a_shell_takes() {
        let operation = json!({
            "parameters": [{"name": "domain", "in": "query", "required": true}, {"name": "all", "in": "query"}],
            "requestBody": {"content": {"application/json": {"example": {"it's": 1}}}},
            "responses": {}
        });
        let document = json!({"security": [{"token": []}]});
        let call = curl(&document, "/sessions/{session}/delta", "post", &operation);
        let lines: Vec<_> = call.lines().map(str::trim).collect();
        assert_eq!(lines[0], "curl 'http://localhost:7070/sessions/SESSION/delta?domain=DOMAIN' \\");
        assert_eq!(lines[1], "-H \"Authorization: Bearer $LEDGER_API_TOKEN\" \\");
        assert_eq!(lines[3], "--data-binary '{\"it'\\''s\":1}'");
        assert!(!curl(&json!({}), "/x", "get", &json!({})).contains("Bearer"));
        assert!(curl(&json!({}), "/x", "delete", &json!({})).ends_with(" -X DELETE"));
    }
}
