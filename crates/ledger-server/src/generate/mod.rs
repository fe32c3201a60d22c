//! What other programs need to watch a server, or to call it: rules, a dashboard, how to be scraped, and what it answers.

mod dashboard;

/// Returns rules that record what is asked for often and alert on what should not be.
#[must_use]
pub fn rules() -> &'static str {
    include_str!("rules.yml")
}

/// Returns the part of Prometheus's configuration that scrapes a server.
#[must_use]
pub fn scrape_config() -> &'static str {
    include_str!("scrape.yml")
}

/// Returns a dashboard to be imported by Grafana 10 or later.
#[must_use]
pub fn dashboard() -> String {
    format!("{:#}\n", dashboard::dashboard())
}

/// Returns the OpenAPI document of a server that asks for tokens.
#[must_use]
pub fn openapi() -> String {
    crate::openapi::whole(true).to_pretty_json().expect("the document has a JSON form") + "\n"
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Returns the words of a text that name metrics, recorded ones included.
    fn metrics_in(text: &str) -> BTreeSet<&str> {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != ':');
        words.filter(|word| word.split(':').any(|part| part.starts_with("ledger_"))).collect()
    }

    #[tokio::test]
    async fn every_metric_that_is_asked_for_exists() {
        let known = crate::metrics::tests::names().await;
        let recorded: BTreeSet<_> = rules().lines().filter_map(|line| line.trim().strip_prefix("- record: ")).collect();
        assert!(recorded.len() >= 5, "{recorded:?}");
        for (what, text) in [("rules", rules()), ("dashboard", dashboard().as_str())] {
            let used = metrics_in(text);
            assert!(used.len() >= 10, "{what}: {used:?}");
            for metric in used {
                let is_known = known.contains(metric) || recorded.contains(metric);
                assert!(is_known, "the {what} ask for `{metric}`, and there are {known:#?}");
            }
        }
    }

    #[test]
    fn every_panel_asks_something_and_stands_where_no_other_does() {
        let dashboard = dashboard::dashboard();
        let panels = dashboard["panels"].as_array().unwrap();
        assert!((8..=14).contains(&panels.len()));
        let mut taken = BTreeSet::new();
        for panel in panels {
            assert!(!panel["targets"].as_array().unwrap().is_empty(), "{panel}");
            let place = |name: &str| panel["gridPos"][name].as_u64().unwrap();
            for x in place("x")..place("x") + place("w") {
                for y in place("y")..place("y") + place("h") {
                    assert!(x < 24 && taken.insert((x, y)), "{panel}");
                }
            }
        }
    }
}
