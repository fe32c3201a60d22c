//! The two texts that Prometheus reads: OpenMetrics, and the older one that is made of it here.

/// The form of OpenMetrics.
pub(super) const OPEN_FORM: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// The form of the older text.
pub(super) const PLAIN_FORM: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Says whether OpenMetrics is what a caller accepts rather than the older text.
pub(super) fn is_open_preferred(accept: &str) -> bool {
    let open = quality(accept, "application/openmetrics-text", "1.0.0");
    open > 0.0 && open >= quality(accept, "text/plain", "0.0.4")
}

/// Returns how much a form is wanted, from 0 to 1, in a version or in any.
fn quality(accept: &str, form: &str, version: &str) -> f32 {
    let of = |one: &str| {
        let mut parts = one.split(';').map(str::trim);
        if !parts.next()?.eq_ignore_ascii_case(form) {
            return None;
        }
        let mut quality = 1.0_f32;
        for part in parts {
            match part.split_once('=') {
                Some(("q", text)) => quality = text.parse().ok()?,
                Some(("version", text)) if text.trim_matches('"') != version => return None,
                _ => {}
            }
        }
        Some(quality)
    };
    accept.split(',').filter_map(of).fold(0.0, f32::max)
}

/// Writes OpenMetrics as the older text: there counters are named as their samples are, what is told is a gauge, and there
/// are no units and no end.
pub(super) fn plain(open: &str) -> String {
    let mut text = String::with_capacity(open.len());
    let mut help = "";
    for line in open.lines() {
        if let Some(said) = line.strip_prefix("# HELP ") {
            // It stands before the type, which says by what name.
            help = said;
        } else if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|said| said.split_once(' ')) {
            let (suffix, kind) = match kind {
                "counter" => ("_total", kind),
                "info" => ("_info", "gauge"),
                _ => ("", kind),
            };
            let said = help.strip_prefix(name).unwrap_or_default();
            text.push_str(&format!("# HELP {name}{suffix}{said}\n# TYPE {name}{suffix} {kind}\n"));
        } else if !line.starts_with('#') {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_metrics_goes_to_whoever_prefers_it() {
        for (accept, is_open) in [
            ("application/openmetrics-text", true),
            ("application/openmetrics-text; version=1.0.0; charset=utf-8", true),
            ("application/openmetrics-text;version=0.0.1", false),
            ("application/openmetrics-text;q=0", false),
            // What Prometheus 2.42 and 3.0 send.
            (
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,\
                 text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                true,
            ),
            (
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
                 application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,\
                 text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
                true,
            ),
            ("text/plain;version=0.0.4, application/openmetrics-text;version=1.0.0;q=0.5", false),
            ("text/html,application/xhtml+xml,*/*;q=0.8", false),
            ("*/*", false),
            ("", false),
        ] {
            assert_eq!(is_open_preferred(accept), is_open, "{accept}");
        }
    }

    #[test]
    fn the_older_text_names_counters_as_their_samples() {
        let open = "# HELP a_b Some.\n# TYPE a_b counter\na_b_total{c=\"# x\\n\"} 1\n\
                    # HELP build It.\n# TYPE build info\nbuild_info{version=\"1\"} 1\n\
                    # HELP d_seconds How long.\n# TYPE d_seconds histogram\n# UNIT d_seconds seconds\n\
                    d_seconds_sum 1.0\n# EOF\n";
        let plain = plain(open);
        let expected = "# HELP a_b_total Some.\n# TYPE a_b_total counter\na_b_total{c=\"# x\\n\"} 1\n\
                        # HELP build_info It.\n# TYPE build_info gauge\nbuild_info{version=\"1\"} 1\n\
                        # HELP d_seconds How long.\n# TYPE d_seconds histogram\nd_seconds_sum 1.0\n";
        assert_eq!(plain, expected);
    }
}
