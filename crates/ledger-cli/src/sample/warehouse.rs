//! The warehouse of the sample: which tables there are, which columns they have, and of which others these are made.

/// A table, a dashboard or a model.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table {
    /// Its name, as `bucket/table`.
    pub(super) name: &'static str,
    pub(super) columns: &'static [Column],
    /// What it is made of; nothing where it is a source.
    pub(super) reads: &'static [&'static str],
    pub(super) rhythm: Rhythm,
    /// How long the nightly run takes to make it, in seconds, …
    pub(super) took_s: f64,
    /// … and how many rows it has.
    pub(super) rows: f64,
    pub(super) sql: Option<&'static str>,
}

/// A column: its name, its type, and the columns that it is made of.
#[derive(Debug)]
pub(super) struct Column(pub(super) &'static str, pub(super) &'static str, pub(super) &'static [&'static str]);

/// When a table is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rhythm {
    /// Elsewhere.
    Source,
    /// Each night.
    Nightly,
    /// Each night, and a part of it each hour.
    Hourly,
}

impl Table {
    /// Returns the bucket and the table by itself.
    pub(super) fn parts(&self) -> (&'static str, &'static str) {
        self.name.split_once('/').expect("each has a bucket")
    }

    /// Returns what makes it: the command, who runs that, and for which project.
    pub(super) fn maker(&self) -> [&'static str; 3] {
        match self.parts().0 {
            "staging" => ["load", "loader", "warehouse"],
            "mart" => ["transform", "transformer", "warehouse"],
            "feature" => ["transform", "transformer", "machine-learning"],
            "model" => ["train", "trainer", "machine-learning"],
            _ => ["publish", "publisher", "analytics"],
        }
    }
}

/// Returns the table of a name.
pub(super) fn table(name: &str) -> &'static Table {
    TABLES.iter().find(|table| table.name == name).expect("the sample names tables that there are")
}

/// Returns the tables that are made, in an order in which they can be.
pub(super) fn made(rhythms: &'static [Rhythm]) -> impl Iterator<Item = &'static Table> {
    TABLES.iter().filter(|table| rhythms.contains(&table.rhythm))
}

const fn source(name: &'static str, columns: &'static [Column]) -> Table {
    Table { name, columns, reads: &[], rhythm: Rhythm::Source, took_s: 0.0, rows: 0.0, sql: None }
}

const fn hourly(
    name: &'static str,
    reads: &'static [&'static str],
    (took_s, rows): (f64, f64),
    columns: &'static [Column],
) -> Table {
    Table { name, columns, reads, rhythm: Rhythm::Hourly, took_s, rows, sql: None }
}

const fn nightly(
    name: &'static str,
    reads: &'static [&'static str],
    (took_s, rows): (f64, f64),
    columns: &'static [Column],
) -> Table {
    Table { name, columns, reads, rhythm: Rhythm::Nightly, took_s, rows, sql: None }
}

const fn by(table: Table, sql: &'static str) -> Table {
    Table { sql: Some(sql), ..table }
}

/// All of them; what a table is made of stands before it.
pub(super) const TABLES: &[Table] = &[
    source(
        "shop/orders",
        &[
            Column("id", "bigint", &[]),
            Column("customer_id", "bigint", &[]),
            Column("placed_at", "timestamp", &[]),
            Column("status", "text", &[]),
            Column("currency", "text", &[]),
            Column("total", "numeric", &[]),
        ],
    ),
    source(
        "shop/order_items",
        &[
            Column("order_id", "bigint", &[]),
            Column("product_id", "bigint", &[]),
            Column("quantity", "integer", &[]),
            Column("price", "numeric", &[]),
            Column("discount", "numeric", &[]),
        ],
    ),
    source(
        "shop/customers",
        &[
            Column("id", "bigint", &[]),
            Column("email", "text", &[]),
            Column("country", "text", &[]),
            Column("created_at", "timestamp", &[]),
        ],
    ),
    source(
        "shop/products",
        &[
            Column("id", "bigint", &[]),
            Column("name", "text", &[]),
            Column("category", "text", &[]),
            Column("cost", "numeric", &[]),
        ],
    ),
    source(
        "crm/accounts",
        &[
            Column("id", "bigint", &[]),
            Column("customer_email", "text", &[]),
            Column("plan", "text", &[]),
            Column("renews_on", "date", &[]),
        ],
    ),
    source(
        "crm/tickets",
        &[
            Column("id", "bigint", &[]),
            Column("account_id", "bigint", &[]),
            Column("opened_at", "timestamp", &[]),
            Column("closed_at", "timestamp", &[]),
            Column("priority", "text", &[]),
        ],
    ),
    source(
        "web/page_views",
        &[
            Column("session_id", "uuid", &[]),
            Column("visitor_id", "uuid", &[]),
            Column("path", "text", &[]),
            Column("at", "timestamp", &[]),
        ],
    ),
    source(
        "web/visitors",
        &[
            Column("visitor_id", "uuid", &[]),
            Column("customer_id", "bigint", &[]),
            Column("first_seen", "timestamp", &[]),
        ],
    ),
    hourly(
        "staging/orders",
        &["shop/orders"],
        (95.0, 1_840_000.0),
        &[
            Column("order_id", "bigint", &["shop/orders.id"]),
            Column("customer_id", "bigint", &["shop/orders.customer_id"]),
            Column("placed_at", "timestamp", &["shop/orders.placed_at"]),
            Column("status", "text", &["shop/orders.status"]),
            Column("total_eur", "numeric", &["shop/orders.total", "shop/orders.currency"]),
        ],
    ),
    hourly(
        "staging/order_items",
        &["shop/order_items"],
        (140.0, 5_210_000.0),
        &[
            Column("order_id", "bigint", &["shop/order_items.order_id"]),
            Column("product_id", "bigint", &["shop/order_items.product_id"]),
            Column("quantity", "integer", &["shop/order_items.quantity"]),
            Column("net_price", "numeric", &["shop/order_items.price", "shop/order_items.discount"]),
        ],
    ),
    nightly(
        "staging/customers",
        &["shop/customers"],
        (38.0, 412_000.0),
        &[
            Column("customer_id", "bigint", &["shop/customers.id"]),
            Column("email_hash", "text", &["shop/customers.email"]),
            Column("country", "text", &["shop/customers.country"]),
            Column("since", "date", &["shop/customers.created_at"]),
        ],
    ),
    nightly(
        "staging/products",
        &["shop/products"],
        (9.0, 18_400.0),
        &[
            Column("product_id", "bigint", &["shop/products.id"]),
            Column("name", "text", &["shop/products.name"]),
            Column("category", "text", &["shop/products.category"]),
            Column("cost", "numeric", &["shop/products.cost"]),
        ],
    ),
    nightly(
        "staging/accounts",
        &["crm/accounts"],
        (16.0, 61_000.0),
        &[
            Column("account_id", "bigint", &["crm/accounts.id"]),
            Column("email_hash", "text", &["crm/accounts.customer_email"]),
            Column("plan", "text", &["crm/accounts.plan"]),
            Column("renews_on", "date", &["crm/accounts.renews_on"]),
        ],
    ),
    hourly(
        "staging/tickets",
        &["crm/tickets"],
        (22.0, 208_000.0),
        &[
            Column("ticket_id", "bigint", &["crm/tickets.id"]),
            Column("account_id", "bigint", &["crm/tickets.account_id"]),
            Column("opened_at", "timestamp", &["crm/tickets.opened_at"]),
            Column("hours_open", "numeric", &["crm/tickets.opened_at", "crm/tickets.closed_at"]),
            Column("priority", "text", &["crm/tickets.priority"]),
        ],
    ),
    hourly(
        "staging/page_views",
        &["web/page_views"],
        (210.0, 22_600_000.0),
        &[
            Column("session_id", "uuid", &["web/page_views.session_id"]),
            Column("visitor_id", "uuid", &["web/page_views.visitor_id"]),
            Column("path", "text", &["web/page_views.path"]),
            Column("at", "timestamp", &["web/page_views.at"]),
        ],
    ),
    hourly(
        "staging/visitors",
        &["web/visitors"],
        (31.0, 3_900_000.0),
        &[
            Column("visitor_id", "uuid", &["web/visitors.visitor_id"]),
            Column("customer_id", "bigint", &["web/visitors.customer_id"]),
        ],
    ),
    by(
        hourly(
            "mart/sales",
            &["staging/orders", "staging/order_items", "staging/products"],
            (74.0, 96_000.0),
            &[
                Column("day", "date", &["staging/orders.placed_at"]),
                Column("category", "text", &["staging/products.category"]),
                Column("units", "bigint", &["staging/order_items.quantity"]),
                Column("revenue", "numeric", &["staging/order_items.net_price", "staging/order_items.quantity"]),
                Column(
                    "margin",
                    "numeric",
                    &["staging/order_items.net_price", "staging/order_items.quantity", "staging/products.cost"],
                ),
            ],
        ),
        "SELECT date(o.placed_at) AS day, p.category, sum(i.quantity) AS units,\n\
         sum(i.net_price * i.quantity) AS revenue,\n\
         sum((i.net_price - p.cost) * i.quantity) AS margin\n\
         FROM staging.orders o\n\
         JOIN staging.order_items i USING (order_id)\n\
         JOIN staging.products p USING (product_id)\n\
         GROUP BY 1, 2",
    ),
    by(
        nightly(
            "mart/customers",
            &["staging/customers", "staging/accounts", "staging/orders"],
            (118.0, 412_000.0),
            &[
                Column("customer_id", "bigint", &["staging/customers.customer_id"]),
                Column("country", "text", &["staging/customers.country"]),
                Column("plan", "text", &["staging/accounts.plan"]),
                Column("lifetime_value", "numeric", &["staging/orders.total_eur"]),
                Column("last_order_at", "timestamp", &["staging/orders.placed_at"]),
            ],
        ),
        "SELECT c.customer_id, c.country, a.plan, sum(o.total_eur) AS lifetime_value,\n\
         max(o.placed_at) AS last_order_at\n\
         FROM staging.customers c\n\
         LEFT JOIN staging.accounts a USING (email_hash)\n\
         LEFT JOIN staging.orders o USING (customer_id)\n\
         GROUP BY 1, 2, 3",
    ),
    by(
        hourly(
            "mart/funnel",
            &["staging/page_views", "staging/visitors", "staging/orders"],
            (163.0, 2_200.0),
            &[
                Column("day", "date", &["staging/page_views.at"]),
                Column("visits", "bigint", &["staging/page_views.session_id"]),
                Column(
                    "conversion",
                    "numeric",
                    &["staging/page_views.session_id", "staging/visitors.customer_id", "staging/orders.order_id"],
                ),
            ],
        ),
        "SELECT date(v.at) AS day, count(DISTINCT v.session_id) AS visits,\n\
         count(DISTINCT o.order_id)::numeric / count(DISTINCT v.session_id) AS conversion\n\
         FROM staging.page_views v\n\
         LEFT JOIN staging.visitors w USING (visitor_id)\n\
         LEFT JOIN staging.orders o ON o.customer_id = w.customer_id AND date(o.placed_at) = date(v.at)\n\
         GROUP BY 1",
    ),
    by(
        nightly(
            "mart/support",
            &["staging/tickets", "staging/accounts"],
            (27.0, 5_400.0),
            &[
                Column("day", "date", &["staging/tickets.opened_at"]),
                Column("plan", "text", &["staging/accounts.plan"]),
                Column("tickets", "bigint", &["staging/tickets.ticket_id"]),
                Column("median_hours", "numeric", &["staging/tickets.hours_open"]),
            ],
        ),
        "SELECT date(t.opened_at) AS day, a.plan, count(*) AS tickets, median(t.hours_open) AS median_hours\n\
         FROM staging.tickets t\n\
         JOIN staging.accounts a USING (account_id)\n\
         GROUP BY 1, 2",
    ),
    by(
        nightly(
            "mart/cohorts",
            &["staging/customers", "staging/orders"],
            (52.0, 1_900.0),
            &[
                Column("cohort", "date", &["staging/customers.since"]),
                Column("month", "date", &["staging/orders.placed_at"]),
                Column("active", "bigint", &["staging/orders.customer_id"]),
            ],
        ),
        "SELECT date_trunc('month', c.since) AS cohort, date_trunc('month', o.placed_at) AS month,\n\
         count(DISTINCT o.customer_id) AS active\n\
         FROM staging.customers c\n\
         JOIN staging.orders o USING (customer_id)\n\
         GROUP BY 1, 2",
    ),
    hourly(
        "dashboard/revenue",
        &["mart/sales", "mart/customers"],
        (11.0, 640.0),
        &[
            Column("revenue_by_day", "numeric", &["mart/sales.day", "mart/sales.revenue"]),
            Column("margin_by_category", "numeric", &["mart/sales.category", "mart/sales.margin"]),
            Column("best_customers", "text", &["mart/customers.customer_id", "mart/customers.lifetime_value"]),
        ],
    ),
    hourly(
        "dashboard/growth",
        &["mart/funnel", "mart/cohorts"],
        (9.0, 480.0),
        &[
            Column("conversion_by_day", "numeric", &["mart/funnel.day", "mart/funnel.conversion"]),
            Column("retention", "numeric", &["mart/cohorts.cohort", "mart/cohorts.active"]),
        ],
    ),
    nightly(
        "dashboard/support",
        &["mart/support"],
        (7.0, 210.0),
        &[
            Column("tickets_by_plan", "bigint", &["mart/support.plan", "mart/support.tickets"]),
            Column("median_hours", "numeric", &["mart/support.median_hours"]),
        ],
    ),
    nightly(
        "feature/customers",
        &["mart/customers", "mart/support"],
        (66.0, 412_000.0),
        &[
            Column("customer_id", "bigint", &["mart/customers.customer_id"]),
            Column("value_90d", "real", &["mart/customers.lifetime_value", "mart/customers.last_order_at"]),
            Column("ticket_hours", "real", &["mart/support.median_hours"]),
        ],
    ),
    hourly(
        "feature/sessions",
        &["staging/page_views", "staging/visitors"],
        (88.0, 1_150_000.0),
        &[
            Column("customer_id", "bigint", &["staging/visitors.customer_id"]),
            Column("visits_7d", "integer", &["staging/page_views.session_id", "staging/page_views.at"]),
        ],
    ),
    nightly(
        "model/churn",
        &["feature/customers", "feature/sessions"],
        (540.0, 412_000.0),
        &[
            Column("customer_id", "bigint", &["feature/customers.customer_id", "feature/sessions.customer_id"]),
            Column(
                "churn",
                "real",
                &["feature/customers.value_90d", "feature/customers.ticket_hours", "feature/sessions.visits_7d"],
            ),
        ],
    ),
];
