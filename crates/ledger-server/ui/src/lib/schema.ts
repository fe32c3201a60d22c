// Made by types.mjs from the server's OpenAPI document.

export interface paths {
    "/api/v1/artifacts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Answers what is known of artifacts, and whether they may be dropped by the rules of the server's environment. */
        get: operations["artifacts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/changes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Signals that the head has moved, with the head; several moves are one signal. The first comes at once.
         * @description Each signal is a server-sent event `change` with `{"head": OFFSET}` as `data`.
         */
        get: operations["changes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/digest": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Reads the ledger from end to end, and answers count, head, gaps and digest.
         * @description It takes as long as reading all events does.
         */
        get: operations["digest"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/erase": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Removes the events at some offsets.
         * @description It takes the scope `admin`. What it removes is gone for good, and it goes on when its caller goes away.
         */
        post: operations["erase"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Answers a page of events, or all that match as lines to whoever accepts these.
         * @description With `Accept: application/x-ndjson`, all that match up to the present head are streamed as lines, as they are exported; an answer that is cut off is not whole.
         */
        get: operations["read"];
        put?: never;
        /**
         * Appends an event, an array of them, or lines; all or none, and if the query string or the body says so, under a condition.
         * @description It takes the scope `append`. Give each event an `id`, and the request may be sent again: what was there already is answered with its first offset. The condition is `none_after` with filters, or `condition` in the body; 10,000 events and 8 MiB are the most.
         */
        post: operations["append"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/facets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Answers which words the newest events that match have, and how many have each. */
        get: operations["facets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/query": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Answers a page of events, asked for by a body: what is too long for a path. */
        post: operations["query"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Streams all events that match, and those to come.
         * @description Each event is a server-sent event with its offset as `id` and itself as `data`. When nothing else came for 15 seconds, the `id` comes alone: how far was looked. An event `resume`, with `after` and `why`, is the last before the stream ends: come again. A stream ends without it when its token is revoked, or its caller signs out.
         */
        get: operations["stream"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{which}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Answers one event, by offset, or by id when no event has that offset. */
        get: operations["read_one"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{which}/chain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Answers what led to an event and what came of it, by the parents that events name.
         * @description Causes are looked up, however far back; effects are looked for in the 200,000 offsets that follow. Both have about 8 MiB at most.
         */
        get: operations["chain"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/head": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Answers the last offset ever given, or that up to which the ledger was recorded then. */
        get: operations["head"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/ledger": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Answers what tells this ledger from others, and where its head is.
         * @description Any token will do.
         */
        get: operations["ledger"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/lineage/{artifact}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Answers the lineage of an artifact, in the form that was asked for. */
        get: operations["lineage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/listeners": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Answers who listens to events and signals, those who came first before the others.
         * @description 1,000 are listed at most; those who come when there are so many are counted alone.
         */
        get: operations["listeners"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/migrations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Answers the steps in the history of the tables, and which of them were applied.
         * @description A ledger without tables of its own has none.
         */
        get: operations["migrations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the operations of all projects, or of one, that have ended. */
        get: operations["all_operations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/operations/capacity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Answers how much each day of a period brought, which is the last 30 days unless a caller says, and where that leads.
         * @description The period has 3,650 days at most. Only whole days count, from midnight to midnight in UTC: the day of the first operation in it does not, unless the period begins at its midnight. A forecast goes on along the straight line through them.
         */
        get: operations["operations_capacity"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/operations/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Answers how the operations of all projects, or of one, went in a period, which is the last day unless a caller says. */
        get: operations["all_operations_stats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/overview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Answers what one should know first: how fast the ledger grows, how operations go, which runs there are, what failed.
         * @description It reads a bounded part of the newest events, and `whole` says where that is not all. With `as_of`, `listeners` and `store_bytes` are those of the present all the same.
         */
        get: operations["overview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/path": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Answers a shortest way from one artifact to another. */
        get: operations["path"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project}/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the operations of a project that have ended. */
        get: operations["operations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project}/operations/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Answers how operations went in a period, which is the last day unless a caller says. */
        get: operations["operations_stats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project}/operations/{operation}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Answers one operation: its end, or its start when that is all there is so far. */
        get: operations["operation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/prune": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Removes what matches.
         * @description It takes the scope `admin`. What it removes is gone for good, and it goes on when its caller goes away; an empty query is about everything.
         */
        post: operations["prune"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/replicas": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Answers how far the replicas are that the server was told of.
         * @description Each is asked itself, five seconds at most.
         */
        get: operations["replicas"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Writes recorded events with the offsets they have.
         * @description It takes the scope `admin`. Events past the head are written; one at or before it has to be there already, to the byte. 10,000 events and 8 MiB are the most.
         */
        post: operations["restore"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/retention/apply": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Removes what the policy says, and answers what went. It goes on when the caller goes away.
         * @description It takes the scope `admin`. What it removes is recorded first, and gone for good then.
         */
        post: operations["retention_apply"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/retention/plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Answers what a sweep would remove now. */
        get: operations["retention_plan"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Answers the runs, those with the newest events first. */
        get: operations["runs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{run}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Answers one run. */
        get: operations["run"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Answers the sessions, those with the newest events first. */
        get: operations["sessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sessions/{session}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Answers a session: what it is, its newest edits, and who has reserved what. */
        get: operations["session"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sessions/{session}/checkpoints": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Answers the checkpoints of a session, the newest first. Those that cannot be read are left out. */
        get: operations["session_checkpoints"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sessions/{session}/delta": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Answers what was done to a domain since the newest checkpoint. */
        get: operations["session_delta"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sessions/{session}/graph": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Answers the newest edits as a picture, a lane for each actor. */
        get: operations["session_graph"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/snapshot": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Answers a copy of the ledger, as it is now, as a SQLite file. One is made at a time, and two are read. */
        get: operations["snapshot"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/snapshots": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Answers the snapshots that are kept, the newest first. */
        get: operations["snapshots"];
        put?: never;
        /**
         * Begins a snapshot of the ledger as it is now. One is copied at a time, and three are kept: then the oldest of the caller's makes
         *     room, or of somebody's who has several, or one that was ready for an hour, unless it is just being read.
         * @description Ask for it by its `id` until it is `ready`. It is gone when the server ends. It takes the scope `read`, as all of `/snapshots` does.
         */
        post: operations["start_snapshot"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/snapshots/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Answers how far a snapshot is. */
        get: operations["one_snapshot"];
        put?: never;
        post?: never;
        /**
         * Removes a snapshot: one's own, or any with the scope `admin`. One that is being copied is broken off; who downloads it reads on
         *     to its end.
         */
        delete: operations["remove_snapshot"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/snapshots/{id}/file": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Answers a snapshot that is ready, as a SQLite file. */
        get: operations["snapshot_file"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Answers the tokens of the server's file, the oldest first.
         * @description It takes the scope `admin`. The token that is in no file is not among them, and no hash is told.
         */
        get: operations["tokens"];
        put?: never;
        /**
         * Makes a token, and answers its text, which is kept nowhere and not shown again.
         * @description It takes the scope `admin`.
         */
        post: operations["make_token"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revokes a token: nobody is let in by it any more. Streams that it began end within seconds.
         * @description It takes the scope `admin`.
         */
        delete: operations["revoke_token"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/docs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Answers this document as a page. */
        get: operations["page"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Says that the process is there. */
        get: operations["health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Answers all metrics, as OpenMetrics to whoever prefers that, and otherwise as the older text of Prometheus. */
        get: operations["metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Answers this document. */
        get: operations["document"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/projects/{project}/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the operations of a project that have ended. */
        get: operations["operations_at_root"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/projects/{project}/operations/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Answers how operations went in a period, which is the last day unless a caller says. */
        get: operations["operations_stats_at_root"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/projects/{project}/operations/{operation}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Answers one operation: its end, or its start when that is all there is so far. */
        get: operations["operation_at_root"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Says whether the engine answers, and nothing else: it is asked without a token. */
        get: operations["ready"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sign-in": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Says who asks, and for what they may.
         * @description With `Accept: text/html`, it is the page where people sign in.
         */
        get: operations["signed_in"];
        put?: never;
        /**
         * Takes a token, and answers a cookie that lets in as the token does.
         * @description The cookie, `ledger_session_7070` with the port in `Host` or `ledger_session` without one, counts for twelve hours, and no longer than its token or the server does. With it, a call that changes something has to come from a page of this server, as `Sec-Fetch-Site` or `Origin` says. A server without tokens needs no body, and answers no cookie.
         */
        post: operations["sign_in"];
        /**
         * Ends what a cookie stands for, and takes it away.
         * @description Streams that were begun with the cookie end within seconds.
         */
        delete: operations["sign_out"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description Who did it: 1 to 200 bytes without control characters. */
        Actor: string;
        /** @description How the operations of all projects, or of one, went in a period. */
        AllStatistics: components["schemas"]["Numbers"] & {
            /** @description The 10 most frequent commands. */
            by_command_series?: components["schemas"]["CommandSeries"][];
            /** @description The 1,000 projects with the most operations, that with the most first. */
            by_project: components["schemas"]["ProjectStatistics"][];
            /**
             * @description How long those of the 50 most frequent commands took: command by command, each part of the period that has any.
             *     There if `heat` was asked for, and so is what follows.
             */
            heat?: components["schemas"]["Heat"][];
            /** @description The project that was asked for. */
            project_id: string | null;
        };
        Appended: components["schemas"]["Draft"] | components["schemas"]["Draft"][] | components["schemas"]["Conditional"];
        /** @description Something that operations read and write, such as a table, a file or a model: 1 to 1,000 bytes without NUL. */
        Artifact: string;
        /**
         * @description How long an artifact is kept.
         * @enum {string}
         */
        ArtifactScope: "temporary" | "job" | "persistent";
        /** @description A part of the artifacts, by name. */
        Artifacts: {
            artifacts: components["schemas"]["JudgedArtifact"][];
            /** @description How many there are. */
            total: components["schemas"]["Count"];
            /** @description Events that call themselves operations or notes, and are none. */
            unread: components["schemas"]["Offset"][];
        };
        /**
         * @description Whether everybody may ask for everything, or a token is asked for.
         * @enum {string}
         */
        Asked: "open" | "token";
        /**
         * @description Which token to make.
         * @example {
         *       "name": "ci",
         *       "scopes": [
         *         "append"
         *       ]
         *     }
         */
        AskedToken: {
            /** @description 1 to 100 bytes without control characters, and none that another token has. */
            name: string;
            scopes: components["schemas"]["Scope"][];
        };
        /** @description The operations that took about as long. */
        Bin: {
            count: components["schemas"]["Count"];
            /**
             * Format: double
             * @description They took no less than this.
             */
            from_ms: number;
            /**
             * Format: double
             * @description They took less than this.
             */
            to_ms: number;
        };
        /** @description A part of a period. */
        Bucket: components["schemas"]["Percentiles"] & {
            count: components["schemas"]["Count"];
            /** @description How many did not end well. */
            failed: components["schemas"]["Count"];
            /** @description When it begins. */
            from: components["schemas"]["Timestamp"];
        };
        /** @description How many operations each day had, and how many bytes of events they made. */
        Capacity: {
            /** Format: double */
            bytes_per_day: number;
            /** @description The whole days of the period, from midnight to midnight in UTC, after that of the first operation in it. */
            days: components["schemas"]["Day"][];
            /**
             * Format: double
             * @description By how many operations a day more is expected each day than the day before.
             */
            growth_per_day: number;
            /** Format: double */
            operations_per_day: number;
        };
        /** @description What led to an event, and what came of it. */
        Chain: {
            /** @description What led to it, the nearest first, and of those that are as near the newest. */
            causes: components["schemas"]["Linked"][];
            /** @description Whether there may be more causes or effects than these. */
            cut: boolean;
            /** @description What came of it, the nearest first, and of those that are as near the oldest. */
            effects: components["schemas"]["Linked"][];
            event: components["schemas"]["Event"];
            /** @description The parents that it or one of its causes names, and that are not there. */
            missing: components["schemas"]["EventId"][];
            /** @description Up to where was looked for effects. */
            up_to: components["schemas"]["Offset"];
        };
        /** @description An edit of a delta, and those that it was made of. */
        Change: {
            /** @description As an edit of a session has it. */
            edit: Record<string, never>;
            of: components["schemas"]["EventId"][];
        };
        /** @description What a snapshot of a session includes: all edits up to an offset. */
        Checkpoint: {
            /** @description The highest stamp up to there. */
            lamport: components["schemas"]["Count"];
            /** @description The last edit of each actor. */
            last: {
                [key: string]: components["schemas"]["LastEdit"];
            };
            /** @description The last offset that is included. */
            offset: components["schemas"]["Offset"];
            /** @description How many edits the session had up to there. */
            operations: components["schemas"]["Count"];
            /** @description The snapshot's own name. */
            snapshot: string;
        };
        /** @description The checkpoints of a session, the newest first. */
        Checkpoints: {
            checkpoints: components["schemas"]["Checkpoint"][];
        };
        /** @description What somebody means to do, or asks others to leave alone. */
        Claim: {
            actor: components["schemas"]["Actor"];
            domain: components["schemas"]["Domain"];
            /** @description From when on it does not count any more. */
            expires_at: components["schemas"]["Timestamp"];
            firmness: components["schemas"]["Firmness"];
            id: components["schemas"]["EventId"];
            /** @description Why. */
            note?: string;
            offset: components["schemas"]["Offset"];
            /** @description What in the domain; none means all of it. */
            targets: string[];
        };
        /**
         * @description The part that an artifact has in a lineage: operations read it and none writes it, they do both, or none reads it.
         * @enum {string}
         */
        Class: "input" | "intermediate" | "target";
        /** @description The operations of one command in the course of a period. */
        CommandSeries: {
            command: string;
            /** @description The period in equal parts. */
            series: components["schemas"]["Bucket"][];
        };
        /** @description The operations of one command. */
        CommandStatistics: components["schemas"]["Percentiles"] & {
            command: string;
            count: components["schemas"]["Count"];
            /**
             * Format: double
             * @description The part that did not, from 0 to 1.
             */
            error_rate: number;
            /** @description How many did not end well. */
            failed: components["schemas"]["Count"];
        };
        /**
         * @description Events, and what must hold for them to be appended.
         * @example {
         *       "condition": {
         *         "none_after": 1,
         *         "query": {
         *           "tags": [
         *             "order:17"
         *           ]
         *         }
         *       },
         *       "events": [
         *         {
         *           "kind": "order.paid",
         *           "payload": {
         *             "by": "card"
         *           },
         *           "tags": [
         *             "order:17"
         *           ]
         *         }
         *       ]
         *     }
         */
        Conditional: {
            condition?: null | components["schemas"]["NoneAfter"];
            events: components["schemas"]["Draft"][];
        };
        /** @description SHA-256 over all events as lines, in hexadecimal digits. */
        ContentDigest: string;
        /** @description How many. */
        Count: number;
        /** @description One day. */
        Day: {
            bytes: components["schemas"]["Count"];
            /** @description Its midnight. */
            day: components["schemas"]["Timestamp"];
            operations: components["schemas"]["Count"];
        };
        /** @description What was done to a domain since a checkpoint. */
        Delta: {
            /** @description The last offset that the snapshot includes. */
            after: components["schemas"]["Offset"];
            /** @description What to do, in this order. */
            changes: components["schemas"]["Change"][];
            domain: components["schemas"]["Domain"];
            /** @description How many events are no edits though they should be. */
            malformed: components["schemas"]["Count"];
            /** @description How many edits there were. */
            operations: components["schemas"]["Count"];
            session: components["schemas"]["SessionId"];
            /** @description The snapshot that it applies to; nothing before the first checkpoint. */
            snapshot: string | null;
            /** @description All of it in a line, such as `1 delete, 2 insert`. */
            summary: string;
            /** @description The last offset that was looked at. */
            up_to: components["schemas"]["Offset"];
        };
        /** @description What a ledger holds, read from end to end. */
        Digest: {
            count: components["schemas"]["Count"];
            /** @description Two ledgers with the same digest hold the same events. */
            digest: components["schemas"]["ContentDigest"];
            /** @description How many offsets up to the head have no event. */
            gaps: components["schemas"]["Count"];
            /** @description The last offset ever given. */
            head: components["schemas"]["Offset"];
            /** @description How many of those were removed, as events tell. What is left was lost, or never copied. */
            pruned: components["schemas"]["Count"];
        };
        /**
         * @description Which way lineage looks: to what an artifact was made from, to what was made from it, or both.
         * @enum {string}
         */
        Direction: "backward" | "forward" | "both";
        /** @description What the edits of a session are about, such as a document: 1 to 200 bytes without control characters. */
        Domain: string;
        /**
         * @description An event as a caller hands it in.
         *
         *     A line of an export may also have `payload_text`, the exact text of a payload with line breaks; it has to say the same
         *     value as `payload`. A payload has 1 MiB and 120 levels at most; an event, 64 different tags.
         * @example {
         *       "id": "order-17",
         *       "kind": "order.placed",
         *       "payload": {
         *         "total": 12
         *       },
         *       "tags": [
         *         "order:17"
         *       ]
         *     }
         */
        Draft: {
            actor?: null | components["schemas"]["Actor"];
            created_at?: null | components["schemas"]["Timestamp"];
            id?: null | components["schemas"]["EventId"];
            kind: components["schemas"]["Kind"];
            lamport?: null | components["schemas"]["Stamp"];
            model_id?: null | components["schemas"]["ModelId"];
            model_profile?: null | components["schemas"]["ModelProfile"];
            /** @description The events that caused it. */
            parents?: components["schemas"]["EventId"][];
            /** @description The facts: any JSON. It is given back as it came, to the order of keys and the text of numbers. */
            payload: unknown;
            run_id?: null | components["schemas"]["RunId"];
            schema_version?: null | components["schemas"]["Small"];
            session_id?: null | components["schemas"]["SessionId"];
            /** @description What it is found by. They are a set: their order, and what is given twice, are not kept. */
            tags?: components["schemas"]["Tag"][];
            turn?: null | components["schemas"]["Small"];
        };
        /** @description What one operation made of what. */
        Edge: {
            from: components["schemas"]["Artifact"];
            /** @description The event of the operation. */
            offset: components["schemas"]["Offset"];
            /** @description The name of the operation. */
            operation: string;
            to: components["schemas"]["Artifact"];
        };
        /** @description An edit as it is recorded. */
        Edited: {
            actor: components["schemas"]["Actor"];
            at: components["schemas"]["Timestamp"];
            domain: components["schemas"]["Domain"];
            /**
             * @description What was done, with the word for it in `op`: `delete`, `insert`, `move`, `mutate`, `patch` or `replace`; mostly
             *     with `target`, and with `within`, `position`, `payload` and `children` where they apply. Other programs may say
             *     more.
             */
            edit: Record<string, never>;
            id: components["schemas"]["EventId"];
            intent: null | components["schemas"]["EventId"];
            lamport: null | components["schemas"]["Count"];
            offset: components["schemas"]["Offset"];
            parents: components["schemas"]["EventId"][];
            reservation: null | components["schemas"]["EventId"];
        };
        /**
         * @description Which events to remove.
         * @example {
         *       "offsets": [
         *         17,
         *         18
         *       ]
         *     }
         */
        Erase: {
            offsets: components["schemas"]["Offset"][];
        };
        /** @description How often something went wrong in one way. */
        ErrorCount: {
            /** @description The code that the operations gave. */
            code: string | null;
            count: components["schemas"]["Count"];
            status: components["schemas"]["Outcome"];
        };
        /** @description A recorded event. */
        Event: {
            actor: components["schemas"]["Actor"];
            /** @description When it happened, by its caller's clock. */
            created_at: components["schemas"]["Timestamp"];
            id: components["schemas"]["EventId"];
            kind: components["schemas"]["Kind"];
            lamport: null | components["schemas"]["Stamp"];
            model_id: null | components["schemas"]["ModelId"];
            model_profile: null | components["schemas"]["ModelProfile"];
            offset: components["schemas"]["Offset"];
            /** @description The events that caused it. */
            parents: components["schemas"]["EventId"][];
            /** @description The facts: any JSON. */
            payload: unknown;
            /** @description The exact text of a payload that has line breaks, which stand as blanks in `payload`. */
            payload_text?: string;
            /** @description When it was recorded, by the ledger's clock. */
            recorded_at: components["schemas"]["Timestamp"];
            run_id: components["schemas"]["RunId"];
            /** @description The version of the payload's shape. */
            schema_version: components["schemas"]["Small"];
            session_id: null | components["schemas"]["SessionId"];
            /** @description In order, each once. */
            tags: components["schemas"]["Tag"][];
            /** @description The step in the run. */
            turn: components["schemas"]["Small"];
        };
        /** @description An event's id, which its caller gives: 1 to 64 bytes without control characters. It is the idempotency key. */
        EventId: string;
        /** @description Where the next page begins: give it as `cursor`. */
        EventsCursor: string;
        /** @description Some events. */
        EventsPage: {
            events: components["schemas"]["Event"][];
            next: null | components["schemas"]["EventsCursor"];
        };
        /** @description How many events have a word. */
        Facet: {
            count: components["schemas"]["Count"];
            value: string;
        };
        /** @description The most frequent words of the newest events that match. */
        Facets: {
            /** @description Who did it. */
            actors: components["schemas"]["Facet"][];
            /** @description How many events were counted, */
            counted: components["schemas"]["Count"];
            from: null | components["schemas"]["Offset"];
            /** @description Their kinds, the most frequent first. */
            kinds: components["schemas"]["Facet"][];
            /** @description The runs that they belong to. */
            runs: components["schemas"]["Facet"][];
            /** @description The sessions that they belong to. */
            sessions: components["schemas"]["Facet"][];
            /** @description What they are found by. */
            tags: components["schemas"]["Facet"][];
            to: null | components["schemas"]["Offset"];
            /** @description Whether nothing was left out: no event, and no word because there were 100,000 others before it. */
            whole: boolean;
        };
        /**
         * @description Whether others are asked to keep off.
         * @enum {string}
         */
        Firmness: "intent" | "reservation";
        /** @description What is expected, and how far off it may be, with 95 in 100. */
        Forecast: {
            /** Format: double */
            bytes: number;
            /** Format: double */
            bytes_error: number;
            /** @description How many days ahead. */
            days: components["schemas"]["Count"];
            /** Format: double */
            operations: number;
            /** Format: double */
            operations_error: number;
        };
        /** @description The lineage of an artifact. `untold` and `unread` list the events that leave something open, where there are any. */
        Graph: {
            /** @description Where the walk began. */
            artifact: components["schemas"]["Artifact"];
            /** @description Whether there were more operations than it takes. */
            cut: boolean;
            /** @description How many operations far at most. */
            depth: components["schemas"]["Count"];
            direction: components["schemas"]["Direction"];
            edges: components["schemas"]["Edge"][];
            level: components["schemas"]["Level"];
            /**
             * @description The artifacts, the nearest first: each with `artifact`, `class` (`input`, `intermediate` or `target`), `live`,
             *     `written` (offsets) and `open`; and where they apply `table`, `distance`, `untold` and `read_by`.
             */
            nodes: Record<string, never>[];
            /**
             * @description The operations in the order they ended: each with `offset`, and what the event of its end says, such as `id`,
             *     `operation`, `inputs`, `outputs`, `status`, `started_at` and `finished_at`.
             */
            operations: Record<string, never>[];
        };
        GraphOrLayout: components["schemas"]["Graph"] | components["schemas"]["Layout"];
        /** @description Where the ledger ends, or ended. */
        Head: {
            /** @description The last offset ever given; with `as_of`, by then. */
            head: components["schemas"]["Offset"];
        };
        /** @description That the process is there (`ok`), or that its engine answers (`ready`). */
        Health: {
            status: string;
        };
        /** @description How many operations of one command took how long in a part of a period. */
        Heat: {
            /** @description Those that hold any. */
            bins: components["schemas"]["Bin"][];
            command: string;
            /** @description When the part begins. */
            from: components["schemas"]["Timestamp"];
        };
        /** @description A job that operations belong to: 1 to 1,000 bytes without NUL. */
        Job: string;
        /** @description An artifact, and whether it may be dropped. */
        JudgedArtifact: {
            artifact: components["schemas"]["Artifact"];
            attempt: null | components["schemas"]["Small"];
            /** @description Why: a word such as `task_ended`, or an object of one word and what there is to say of it, such as `{"pinned": 1}`. */
            because: unknown;
            created: null | components["schemas"]["Offset"];
            dropped: null | components["schemas"]["Offset"];
            first_at: components["schemas"]["Timestamp"];
            heard_at: components["schemas"]["Timestamp"];
            /** @description The operations that have started with it and not ended. */
            in_use: components["schemas"]["EventId"][];
            job: null | components["schemas"]["Job"];
            last_at: components["schemas"]["Timestamp"];
            /** @description Whether it is there: it was created or written, and not dropped since. */
            live: boolean;
            /** @description How many pins keep it. */
            pins: components["schemas"]["Count"];
            /** @description How many operations read it. */
            read: components["schemas"]["Count"];
            /** @description Its columns or other shape: any JSON. */
            schema: unknown;
            scope: null | components["schemas"]["ArtifactScope"];
            task: null | components["schemas"]["Task"];
            verdict: components["schemas"]["Verdict"];
            /** @description How many operations wrote it. */
            written: components["schemas"]["Count"];
        };
        /** @description What happened: dotted lower-case words, at least two, such as `run.started`; 128 bytes at most. */
        Kind: string;
        /** @description A kind, or all kinds that start with the same words, such as `run.*`. */
        KindPattern: string;
        /** @description The last edit of an actor. */
        LastEdit: {
            id: components["schemas"]["EventId"];
            lamport: components["schemas"]["Count"];
        };
        /** @description The lineage of an artifact, laid out in columns from left to right and rows from top to bottom. */
        Layout: {
            /** @description Where the walk began. */
            artifact: components["schemas"]["Artifact"];
            /** @description How many columns there are. */
            columns: components["schemas"]["Count"];
            /** @description Whether there were more operations than it takes. */
            cut: boolean;
            /** @description How many operations far at most. */
            depth: components["schemas"]["Count"];
            direction: components["schemas"]["Direction"];
            /** @description The operations at which the graph ends: they take places like nodes. */
            ends: components["schemas"]["PlacedEnd"][];
            level: components["schemas"]["Level"];
            /** @description What leads straight from one to another. */
            links: components["schemas"]["Link"][];
            /** @description The artifacts, the nearest first. */
            nodes: components["schemas"]["Placed"][];
            /** @description How many rows the longest column has. */
            rows: components["schemas"]["Count"];
        };
        /** @description What tells a ledger from others. */
        LedgerInfo: {
            /** @description Which engine keeps it. */
            backend: string;
            /** @description The last offset ever given. */
            head: components["schemas"]["Offset"];
            /** @description What two ways to a ledger share exactly when they lead to the same one. */
            identity: string;
        };
        /** @description A ledger at a glance. */
        LedgerOverview: {
            /** @description Which engine keeps it. */
            backend: string;
            /** @description How many events were recorded in that hour. */
            events_last_hour: components["schemas"]["Count"];
            /** @description The operations that failed or took too long last, the newest first. */
            failures: components["schemas"]["Operation"][];
            /** @description The last offset that is in it. */
            head: components["schemas"]["Offset"];
            /** @description What two ways to a ledger share exactly when they lead to the same one. */
            identity: string;
            /** @description How many listen to streams now. */
            listeners: components["schemas"]["Count"];
            /** @description The present; with `as_of`, when the last event was recorded that is in it. */
            now: components["schemas"]["Timestamp"];
            operations: components["schemas"]["RecentOperations"];
            /** @description The 60 minutes up to then, the oldest first. */
            rate: components["schemas"]["Minute"][];
            /**
             * @description Whether all events of that hour were counted one by one. Otherwise the older ones were counted by their offsets,
             *     those that were removed since among them, and parted between minutes by the times of some.
             */
            rate_whole: boolean;
            runs: components["schemas"]["RecentRuns"];
            store_bytes: null | components["schemas"]["Count"];
        };
        /**
         * @description What the nodes of a lineage are: artifacts, or their columns, each named `artifact.column`.
         * @enum {string}
         */
        Level: "artifacts" | "columns";
        /** @description The most events of one page. */
        Limit: number;
        /** @description All that leads straight from one artifact to another. */
        Link: {
            /** @description The index in `nodes` of what was read. */
            from: components["schemas"]["Count"];
            /** @description The operations that did it, in the order they ended. */
            operations: components["schemas"]["Via"][];
            /** @description That of what was made of it. */
            to: components["schemas"]["Count"];
        };
        /** @description An event that another led to. */
        Linked: {
            /**
             * Format: int64
             * @description How many steps away it is: 1 for a parent and for a child.
             */
            distance: number;
            event: components["schemas"]["Event"];
        };
        /** @description Somebody who listens. */
        Listener: {
            /** @description What it listens to, in a few words. */
            about: string;
            /** @description How many offsets that is before the head. */
            behind: components["schemas"]["Count"];
            /** @description Who it is, as the server's log says it. */
            caller: string;
            /** @description No other who listened to this server had it. */
            id: components["schemas"]["Count"];
            /** @description Up to where it was sent all that it wants. */
            position: components["schemas"]["Offset"];
            /** @description How many events, or signals, it was sent. */
            sent: components["schemas"]["Count"];
            /** @description When it came. */
            since: components["schemas"]["Timestamp"];
            stream: components["schemas"]["Stream"];
        };
        /** @description Those who listen, the first who came before the others. */
        Listeners: {
            /** @description The last offset ever given. */
            head: components["schemas"]["Offset"];
            /** @description 1,000 at most. */
            listeners: components["schemas"]["Listener"][];
            /** @description How many listen, also those who are not listed. */
            total: components["schemas"]["Count"];
        };
        /** @description One step in the history of the tables. */
        Migration: {
            applied_at: null | components["schemas"]["Timestamp"];
            bytes: null | components["schemas"]["Count"];
            /** @description What it does, in a word or two. */
            name: string;
            rows: null | components["schemas"]["Count"];
            /** @description What it runs. */
            statements: string[];
            /** @description Its number, from 1 without gaps. */
            version: components["schemas"]["Small"];
        };
        /** @description The history of the tables. */
        Migrations: {
            migrations: components["schemas"]["Migration"][];
        };
        /** @description A minute. */
        Minute: {
            /** @description How many events were recorded in it. */
            events: components["schemas"]["Count"];
            /** @description When it begins. */
            from: components["schemas"]["Timestamp"];
        };
        /** @description The model that acted: 1 to 200 bytes without control characters. */
        ModelId: string;
        /** @description The profile that a model ran under: 1 to 200 bytes without control characters. */
        ModelProfile: string;
        /** @description A token that was made. */
        NewToken: {
            created_at: components["schemas"]["Timestamp"];
            name: string;
            scopes: components["schemas"]["Scope"][];
            /** @description The token itself, which is not shown again. */
            token: string;
        };
        /** @description No event past `none_after` matches the query: nobody did what would change the caller's mind. */
        NoneAfter: {
            /** @description The last offset that the caller has seen. */
            none_after: components["schemas"]["Offset"];
            /** @description What would break it; everything unless it is given. Its own range, order and limit do not count. */
            query?: components["schemas"]["Query"];
        };
        /** @description How operations went in a period. */
        Numbers: components["schemas"]["Percentiles"] & {
            /** @description The most frequent first, 1,000 at most. */
            by_command: components["schemas"]["CommandStatistics"][];
            /** @description What went wrong, the most frequent first, 1,000 at most. */
            errors: components["schemas"]["ErrorCount"][];
            failed: components["schemas"]["Count"];
            /** @description From this time on. */
            from: components["schemas"]["Timestamp"];
            /** @description How many took how long, in steps of 1, 2 and 5. */
            histogram: components["schemas"]["Bin"][];
            /** @description The period in equal parts. */
            series: components["schemas"]["Bucket"][];
            succeeded: components["schemas"]["Count"];
            /**
             * Format: double
             * @description The part that ended well, from 0 to 1; nothing when none ended.
             */
            success_rate: number | null;
            timed_out: components["schemas"]["Count"];
            /** @description Up to before this time. */
            to: components["schemas"]["Timestamp"];
            total_operations: components["schemas"]["Count"];
            /** @description How many events call themselves operations and are none. */
            unread: components["schemas"]["Count"];
        };
        /** @description A place in the ledger: 1 for the first event, and 0 before it. */
        Offset: number;
        /** @description An operation, with the names that operators know. */
        Operation: {
            /** @description `default` when it names none. */
            branch_id: string;
            bucket_name: string | null;
            bytes_in: null | components["schemas"]["Count"];
            bytes_out: null | components["schemas"]["Count"];
            command: string;
            connection_job_id: string | null;
            connection_run_id: string | null;
            /** Format: double */
            duration_ms: number | null;
            error_code: string | null;
            error_message: string | null;
            id: components["schemas"]["EventId"];
            job_id: string | null;
            /** @description Any JSON. */
            metadata: unknown;
            /** @description The event of its end, or of its start when it has not ended. */
            offset: components["schemas"]["Offset"];
            project_id: string | null;
            /** Format: double */
            queue_wait_ms: number | null;
            request_id: string | null;
            rows_affected: null | components["schemas"]["Count"];
            started_at: components["schemas"]["Timestamp"];
            status: null | components["schemas"]["Outcome"];
            table_name: string | null;
            /** @description When it ended; when it began, if it has not. */
            timestamp: components["schemas"]["Timestamp"];
        };
        /** @description A part of the operation log, the newest first. */
        Operations: {
            limit: components["schemas"]["Count"];
            next: null | components["schemas"]["OperationsCursor"];
            offset: components["schemas"]["Count"];
            operations: components["schemas"]["Operation"][];
        };
        /** @description Where the next part begins: give it as `cursor`. */
        OperationsCursor: string;
        /**
         * @description Which end to start from: the oldest, or the newest.
         * @enum {string}
         */
        Order: "asc" | "desc";
        /**
         * @description How an operation ended.
         * @enum {string}
         */
        Outcome: "success" | "error" | "timeout";
        /** @description How much there was each day, and what is expected of the days to come. */
        Outlook: {
            capacity: components["schemas"]["Capacity"];
            forecast: null | components["schemas"]["Forecast"];
        };
        /** @description A session at a glance. */
        Overview: {
            /** @description The intents and reservations that count now, the oldest first. */
            claims: components["schemas"]["Claim"][];
            /** @description The reservations of different actors that ask for the same, in pairs. */
            claims_in_conflict: components["schemas"]["EventId"][][];
            /** @description Its newest edits, in causal order. */
            edits: components["schemas"]["Edited"][];
            /** @description How many claims cannot be read. */
            malformed_claims: components["schemas"]["Count"];
            session: components["schemas"]["Session"];
        };
        /** @description How long operations took, in milliseconds; all 0 when there were none. */
        Percentiles: {
            /** Format: double */
            avg_duration_ms: number;
            /** Format: double */
            max_duration_ms: number;
            /** Format: double */
            p50_duration_ms: number;
            /** Format: double */
            p95_duration_ms: number;
            /** Format: double */
            p99_duration_ms: number;
        };
        /** @description An artifact, or a column of one, and where it stands. */
        Placed: {
            /** @description Which artifact, or which column, as `artifact.column`. */
            artifact: components["schemas"]["Artifact"];
            class: components["schemas"]["Class"];
            /** @description From the left. */
            column: components["schemas"]["Count"];
            /** @description How many operations away it is; nothing for what an operation read beside the way. */
            distance?: components["schemas"]["Count"];
            /** @description How many artifacts next to it are not shown: 0 unless it is open, and at least 1 if it is. */
            hidden: components["schemas"]["Count"];
            /** @description Whether it is there: it was not dropped since it was last written or created. */
            live: boolean;
            /** @description Whether there is more next to it than is shown. */
            open: boolean;
            /** @description From the top. */
            row: components["schemas"]["Count"];
            /** @description The artifact that the column belongs to. */
            table?: components["schemas"]["Artifact"];
        };
        /** @description An operation at which a lineage ends, because it made nothing or does not say what of what. */
        PlacedEnd: components["schemas"]["Via"] & {
            /** @description From the left. */
            column: components["schemas"]["Count"];
            /** @description Those of what it made, and does not say of what. */
            made: components["schemas"]["Count"][];
            /** @description The indexes in `nodes` of what it read. */
            read: components["schemas"]["Count"][];
            /** @description From the top. */
            row: components["schemas"]["Count"];
            /** @description How many of this name did the same; told of is the newest. */
            times: components["schemas"]["Count"];
        };
        /**
         * @description What went wrong, by RFC 9457.
         * @example {
         *       "code": "id_conflict",
         *       "detail": "id `o-1` is already at offset 7 with other content",
         *       "id": "o-1",
         *       "offset": 7,
         *       "status": 409,
         *       "title": "Conflict",
         *       "type": "about:blank"
         *     }
         */
        Problem: {
            /** @description The last offset that the caller had seen. */
            after?: components["schemas"]["Offset"];
            /** @description What holds other events. */
            at?: string;
            /** @description What programs branch on. A code does not change; there may be more some day. */
            code: string;
            /** @description What is wrong, and what to do about it. */
            detail: string;
            /** @description The value at fault. */
            field?: string;
            /** @description Its id. */
            id?: components["schemas"]["EventId"];
            /** @description The event in the way. */
            offset?: components["schemas"]["Offset"];
            /**
             * Format: int32
             * @description The status.
             */
            status: number;
            /** @description The status in words. */
            title: string;
            /** @description `about:blank`: the code says what it is. */
            type: string;
        };
        /** @description The operations of one project. */
        ProjectStatistics: components["schemas"]["Percentiles"] & {
            count: components["schemas"]["Count"];
            /** @description How many did not end well. */
            failed: components["schemas"]["Count"];
            /** @description Nothing for those that name none. */
            project: string | null;
        };
        /**
         * @description Which events: every part that is given must hold.
         * @example {
         *       "kinds": [
         *         "order.*"
         *       ],
         *       "limit": 100,
         *       "tags": [
         *         "order:17"
         *       ]
         *     }
         */
        Query: {
            actor?: null | components["schemas"]["Actor"];
            /** @description Only events past this offset. */
            after?: components["schemas"]["Offset"];
            /** @description Only events that have at least one of these, unless empty. */
            any_tags?: components["schemas"]["Tag"][];
            /** @description Only events with one of these ids, unless empty. */
            ids?: components["schemas"]["EventId"][];
            /** @description Only kinds that fit one of these, unless empty. */
            kinds?: components["schemas"]["KindPattern"][];
            /** @description 1,000 unless it is given. */
            limit?: components["schemas"]["Limit"];
            order?: components["schemas"]["Order"];
            run?: null | components["schemas"]["RunId"];
            session?: null | components["schemas"]["SessionId"];
            since?: null | components["schemas"]["Timestamp"];
            /** @description Only events that have all of these. */
            tags?: components["schemas"]["Tag"][];
            until?: null | components["schemas"]["Timestamp"];
            up_to?: null | components["schemas"]["Offset"];
        };
        /** @description Where an event stands. */
        Receipt: {
            id: components["schemas"]["EventId"];
            /** @description Its offset; of a duplicate, that of the first. */
            offset: components["schemas"]["Offset"];
            status: components["schemas"]["Status"];
        };
        /** @description Where events stand, in the order in which they were sent. */
        Receipts: {
            receipts: components["schemas"]["Receipt"][];
        };
        /** @description The operations of the last day, of all projects. */
        RecentOperations: components["schemas"]["Percentiles"] & {
            /** @description How many of them with an error. */
            failed: components["schemas"]["Count"];
            /** @description The day in hours. */
            series: components["schemas"]["Bucket"][];
            /**
             * Format: double
             * @description The part that ended well, from 0 to 1; nothing when none ended.
             */
            success_rate: number | null;
            /** @description How many took too long. */
            timed_out: components["schemas"]["Count"];
            /** @description How many ended. */
            total: components["schemas"]["Count"];
            /** @description Whether these are all, and not the newest 20,000. */
            whole: boolean;
        };
        /** @description A run, as far as one looked. */
        RecentRun: components["schemas"]["Run"] & {
            /** @description Whether that is all of it. Otherwise it may have begun earlier, and have more events. */
            whole: boolean;
        };
        /** @description The runs of the newest 10,000 events. */
        RecentRuns: {
            /** @description How many have ended. */
            finished: components["schemas"]["Count"];
            /** @description Those with the newest events, these first. */
            newest: components["schemas"]["RecentRun"][];
            /** @description How many of them go on. */
            open: components["schemas"]["Count"];
            /** @description Whether these are all runs that there are. */
            whole: boolean;
        };
        Recorded: components["schemas"]["Receipt"] | components["schemas"]["Receipts"];
        /** @description How many events were removed. */
        Removed: {
            removed: components["schemas"]["Count"];
        };
        /** @description A copy of the ledger that is carried on elsewhere. */
        Replica: {
            behind: null | components["schemas"]["Count"];
            /**
             * Format: double
             * @description How many seconds ago the first event was recorded that it does not have; 0 when it has all that was not removed since.
             */
            lag_seconds: number | null;
            /** @description What the server was told to call it. */
            name: string;
            position: null | components["schemas"]["Offset"];
            /** @description Why any of that is not known. */
            problem: string | null;
        };
        /** @description The replicas, in the order in which the server was told of them. */
        Replicas: {
            replicas: components["schemas"]["Replica"][];
        };
        /** @description A run. */
        Run: {
            /** @description Who acted, in the order of their first act. */
            actors: components["schemas"]["Actor"][];
            /** @description How many events it has. */
            events: components["schemas"]["Count"];
            first_at: components["schemas"]["Timestamp"];
            first_offset: components["schemas"]["Offset"];
            last_at: components["schemas"]["Timestamp"];
            last_kind: components["schemas"]["Kind"];
            last_offset: components["schemas"]["Offset"];
            /** @description Why it ended: there once it has, and nothing when nobody said why. */
            reason?: string | null;
            run_id: components["schemas"]["RunId"];
            state: components["schemas"]["RunState"];
        };
        /** @description The run that an event belongs to: 1 to 200 bytes without control characters. */
        RunId: string;
        /**
         * @description Whether a run goes on.
         * @enum {string}
         */
        RunState: "open" | "finished";
        /** @description A part of the runs, those with the newest events first. */
        Runs: {
            runs: components["schemas"]["Run"][];
            /** @description How many there are. */
            total: components["schemas"]["Count"];
        };
        /**
         * @description What a token is for.
         * @enum {string}
         */
        Scope: "read" | "append" | "admin";
        /** @description A session. */
        Session: {
            actors: components["schemas"]["Actor"][];
            checkpoint: null | components["schemas"]["Checkpoint"];
            /** @description How many checkpoints it has. */
            checkpoints: components["schemas"]["Count"];
            /** @description How many edits of each domain. */
            domains: {
                [key: string]: components["schemas"]["Count"];
            };
            /** @description How many events name it. */
            events: components["schemas"]["Count"];
            first_at: components["schemas"]["Timestamp"];
            first_offset: components["schemas"]["Offset"];
            /** @description The highest stamp; 0 when there is none. */
            lamport: components["schemas"]["Count"];
            last_at: components["schemas"]["Timestamp"];
            last_offset: components["schemas"]["Offset"];
            /** @description How many edits and checkpoints cannot be read. */
            malformed: components["schemas"]["Count"];
            /** @description How many of them are edits. */
            operations: components["schemas"]["Count"];
            session_id: components["schemas"]["SessionId"];
        };
        /** @description The causal session that an event belongs to: 1 to 200 bytes without control characters. */
        SessionId: string;
        /** @description A part of the sessions, those with the newest events first. */
        Sessions: {
            sessions: components["schemas"]["Session"][];
            /** @description How many there are. */
            total: components["schemas"]["Count"];
        };
        /** @description Some operations. */
        Share: {
            /** @description About how many bytes their events have. */
            bytes: components["schemas"]["Count"];
            operations: components["schemas"]["Count"];
        };
        /**
         * @description What lets somebody in: a cookie that stands for a token, or the token.
         * @enum {string}
         */
        Shown: "cookie" | "token";
        /**
         * @description Who wants to sign in.
         * @example {
         *       "token": "a-token-of-some-length"
         *     }
         */
        SignIn: {
            token: string;
        };
        /** @description Who asks. */
        SignedIn: {
            auth: components["schemas"]["Asked"];
            by: null | components["schemas"]["Shown"];
            /** @description As the log says it; nothing when it is nobody who is known. */
            caller: string | null;
            /** @description For what they may ask; nothing when it is nobody who is known. */
            scopes: components["schemas"]["Scope"][];
        };
        /** @description A number of 32 bits. */
        Small: number;
        /** @description A snapshot, and how far it is. */
        Snapshot: {
            bytes: null | components["schemas"]["Count"];
            /** @description Why it failed, if it did. */
            error: string | null;
            /** @description Up to which offset it is written. What is written is read back before it is ready. */
            events: components["schemas"]["Offset"];
            id: components["schemas"]["SnapshotId"];
            /** @description The last offset that it will have. */
            of: components["schemas"]["Offset"];
            /** @description Whether who asks may remove it: it is theirs, or they have the scope `admin`. */
            removable: boolean;
            started_at: components["schemas"]["Timestamp"];
            state: components["schemas"]["SnapshotState"];
        };
        /** @description What a snapshot is asked for by. */
        SnapshotId: string;
        /**
         * @description How far a snapshot is.
         * @enum {string}
         */
        SnapshotState: "copying" | "ready" | "failed";
        /** @description The snapshots that are kept, the newest first. */
        Snapshots: {
            snapshots: components["schemas"]["Snapshot"][];
        };
        /** @description The stamp of a logical clock. */
        Stamp: number;
        /** @description A snapshot that was begun. */
        Started: {
            id: components["schemas"]["SnapshotId"];
        };
        /** @description How the operations of a project went in a period. */
        Statistics: components["schemas"]["Numbers"] & {
            project_id: string;
        };
        /**
         * @description Whether this call recorded an event, or it was there already.
         * @enum {string}
         */
        Status: "new" | "duplicate";
        /**
         * @description What is listened to: events, or signals that there are any.
         * @enum {string}
         */
        Stream: "events" | "changes";
        /** @description What a sweep removes, or has removed. */
        Sweep: {
            /** @description How many events go, */
            events: components["schemas"]["Count"];
            /** @description All others that ended. */
            failed: components["schemas"]["Share"];
            first: null | components["schemas"]["Offset"];
            /** @description The head of the ledger that it looked at. */
            head: components["schemas"]["Offset"];
            /** @description How many are old enough and stay. */
            held: components["schemas"]["Count"];
            last: null | components["schemas"]["Offset"];
            /** @description How many events that kept lineage are needed no more. */
            lineage_dropped: components["schemas"]["Count"];
            /** @description How many leave their lineage behind. */
            lineage_kept: components["schemas"]["Count"];
            newest: null | components["schemas"]["Timestamp"];
            oldest: null | components["schemas"]["Timestamp"];
            /** @description By which policy. */
            policy: string;
            /** @description Those that ended well. */
            success: components["schemas"]["Share"];
            /** @description Those that began and never ended. */
            unfinished: components["schemas"]["Share"];
        };
        /** @description A `key:value` word that events are found by, such as `job:99` or `table:a/b`; 1,024 bytes at most. */
        Tag: string;
        /** @description A part of a job: 1 to 1,000 bytes without NUL. */
        Task: string;
        /**
         * Format: date-time
         * @description An instant by RFC 3339. It is answered in UTC with six decimals, and may be given with any offset.
         */
        Timestamp: string;
        /** @description What may be told of a token. */
        Token: {
            /** @description When it was made. */
            created_at: components["schemas"]["Timestamp"];
            name: string;
            scopes: components["schemas"]["Scope"][];
        };
        /** @description The tokens of a server's file, the oldest first. */
        Tokens: {
            /** @description Whether there is a file; without one, none can be made. */
            file: boolean;
            tokens: components["schemas"]["Token"][];
        };
        /**
         * @description Whether an artifact may be dropped.
         * @enum {string}
         */
        Verdict: "drop" | "keep";
        /** @description An operation by its name. */
        Via: {
            name: string;
            /** @description The event of its end. */
            offset: components["schemas"]["Offset"];
        };
        /** @description Whether, and how, one artifact came to be a part of another. */
        Way: {
            /** @description A shortest way; nothing when there is none. */
            edges: components["schemas"]["Edge"][] | null;
            /** @description Events that call themselves operations and are none. */
            unread: components["schemas"]["Offset"][];
            /** @description Operations that do not say of which columns they make which. */
            untold: components["schemas"]["Offset"][];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    artifacts: {
        parameters: {
            query?: {
                /** @description Only those whose name has this part, in whatever case. */
                q?: string;
                /** @description Only those that are there. */
                live?: "true" | "false" | "";
                /** @description Only those that may be dropped. */
                droppable?: "true" | "false" | "";
                /** @description Only what was recorded up to this offset or time; all unless it is given. */
                as_of?: string;
                /** @description How many at most; 100 unless it is given. */
                limit?: number;
                /** @description How many to leave out; 0 unless it is given. */
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A part of the artifacts. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Artifacts"];
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter breaks its rule, is given twice where one is meant, or is none of this path: `field` names it. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changes: {
        parameters: {
            query?: {
                /** @description The least time between two signals; 500 unless it is given. */
                interval_ms?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The signals, without end. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": unknown;
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter breaks its rule, is given twice where one is meant, or is none of this path: `field` names it. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    digest: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What it holds. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Digest"];
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    erase: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "offsets": [
                 *         17,
                 *         18
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["Erase"];
            };
        };
        responses: {
            /** @description How many were there. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Removed"];
                };
            };
            /** @description The body is no JSON, not UTF-8, or of another form than this path takes (`bad_body`). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body took too long to arrive. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more bytes than the server takes. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The `Content-Type` is missing, or none that is listed here; or the `Content-Encoding` is none that is read. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A value in the body, or a parameter, breaks its rule: `field` names it, and `detail` says where it is. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read: {
        parameters: {
            query?: {
                /** @description Only this run. */
                run?: string;
                /** @description Only kinds that fit one of these. */
                kind?: string[];
                /** @description Only this actor. */
                actor?: string;
                /** @description Only this session. */
                session?: string;
                /** @description Only events that have all of these. */
                tag?: string[];
                /** @description Only events that have at least one of these. */
                any_tag?: string[];
                /** @description Only events with one of these ids. */
                id?: string[];
                /** @description Only what happened (`created_at`) at this time or later. */
                since?: string;
                /** @description Only what happened (`created_at`) before this time. */
                until?: string;
                /** @description Only events past this offset. */
                after?: number;
                /** @description Only events up to this offset, itself included. */
                up_to?: number;
                /** @description The oldest first, unless it is `desc`. */
                order?: "asc" | "desc";
                /** @description The most events of the page; 100 unless it is given. Not with lines. */
                limit?: number;
                /** @description The `next` of the page before: it goes on from there. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The events. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventsPage"];
                    "application/x-ndjson": string;
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter breaks its rule, is given twice where one is meant, or is none of this path: `field` names it. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Lines are streamed over HTTP/1.1 and later. */
            505: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    append: {
        parameters: {
            query?: {
                /** @description Appends only if no event past this offset fits the filters. Without it, there may be no filters. */
                none_after?: number;
                /** @description Only this run. */
                run?: string;
                /** @description Only kinds that fit one of these. */
                kind?: string[];
                /** @description Only this actor. */
                actor?: string;
                /** @description Only this session. */
                session?: string;
                /** @description Only events that have all of these. */
                tag?: string[];
                /** @description Only events that have at least one of these. */
                any_tag?: string[];
                /** @description Only events with one of these ids. */
                id?: string[];
                /** @description Only what happened (`created_at`) at this time or later. */
                since?: string;
                /** @description Only what happened (`created_at`) before this time. */
                until?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description An event, an array of them, or an envelope with a condition; or an event a line. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "id": "order-17",
                 *       "kind": "order.placed",
                 *       "payload": {
                 *         "total": 12
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["Appended"];
                /** @example {"kind":"order.placed","id":"order-17","payload":{"total":12}} */
                "application/x-ndjson": string;
            };
        };
        responses: {
            /** @description All of it was there already. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Recorded"];
                };
            };
            /** @description Something of it is new. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Recorded"];
                };
            };
            /** @description The body is no JSON, not UTF-8, or of another form than this path takes (`bad_body`). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body took too long to arrive. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An id is taken by other content (`id_conflict`), or the condition does not hold (`condition_failed`); nothing was recorded. `offset` is the event in the way. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more bytes than the server takes. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The `Content-Type` is missing, or none that is listed here; or the `Content-Encoding` is none that is read. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A value in the body, or a parameter, breaks its rule: `field` names it, and `detail` says where it is. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    facets: {
        parameters: {
            query?: {
                /** @description Only this run. */
                run?: string;
                /** @description Only kinds that fit one of these. */
                kind?: string[];
                /** @description Only this actor. */
                actor?: string;
                /** @description Only this session. */
                session?: string;
                /** @description Only events that have all of these. */
                tag?: string[];
                /** @description Only events that have at least one of these. */
                any_tag?: string[];
                /** @description Only events with one of these ids. */
                id?: string[];
                /** @description Only what happened (`created_at`) at this time or later. */
                since?: string;
                /** @description Only what happened (`created_at`) before this time. */
                until?: string;
                /** @description Only events past this offset. */
                after?: number;
                /** @description Only events up to this offset, itself included. */
                up_to?: number;
                /** @description How many of the newest at most; 100,000 unless it is given. */
                most?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The 50 most frequent words of each sort. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Facets"];
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter breaks its rule, is given twice where one is meant, or is none of this path: `field` names it. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    query: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "kinds": [
                 *         "order.*"
                 *       ],
                 *       "limit": 100
                 *     }
                 */
                "application/json": components["schemas"]["Query"];
            };
        };
        responses: {
            /** @description The events. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventsPage"];
                };
            };
            /** @description The body is no JSON, not UTF-8, or of another form than this path takes (`bad_body`). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body took too long to arrive. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more bytes than the server takes. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The `Content-Type` is missing, or none that is listed here; or the `Content-Encoding` is none that is read. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A value in the body, or a parameter, breaks its rule: `field` names it, and `detail` says where it is. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    stream: {
        parameters: {
            query?: {
                /** @description Only this run. */
                run?: string;
                /** @description Only kinds that fit one of these. */
                kind?: string[];
                /** @description Only this actor. */
                actor?: string;
                /** @description Only this session. */
                session?: string;
                /** @description Only events that have all of these. */
                tag?: string[];
                /** @description Only events that have at least one of these. */
                any_tag?: string[];
                /** @description Only events with one of these ids. */
                id?: string[];
                /** @description Only what happened (`created_at`) at this time or later. */
                since?: string;
                /** @description Only what happened (`created_at`) before this time. */
                until?: string;
                /** @description Past this offset, or past the `head`; from the first event on unless it is given. */
                after?: string;
            };
            header?: {
                /** @description Goes on past this offset, whatever `after` says: browsers send it when they come again. */
                "Last-Event-ID"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The events, without end. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": unknown;
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter breaks its rule, is given twice where one is meant, or is none of this path: `field` names it. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_one: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description An offset; or an id, other than `facets`, `query` and `stream`. */
                which: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The event. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Event"];
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description At `query`, another method is taken; an event of this id is found by `GET /events?id=query`. */
            405: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    chain: {
        parameters: {
            query?: {
                /** @description How many causes and how many effects at most; 200 unless it is given. */
                most?: number;
                /** @description Only what was recorded up to this offset or time. */
                as_of?: string;
            };
            header?: never;
            path: {
                /** @description An offset, or an id. */
                which: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The event, its causes and its effects. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Chain"];
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter breaks its rule, is given twice where one is meant, or is none of this path: `field` names it. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    head: {
        parameters: {
            query?: {
                /** @description Only what was recorded up to this offset or time; all unless it is given. */
                as_of?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The head. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Head"];
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter breaks its rule, is given twice where one is meant, or is none of this path: `field` names it. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ledger: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The ledger. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LedgerInfo"];
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    lineage: {
        parameters: {
            query?: {
                /** @description `backward`, unless it is given. */
                direction?: "backward" | "forward" | "both";
                /** @description How many operations away at most; 10 unless it is given. */
                depth?: number;
                /** @description How many operations at most; 10,000 unless it is given. */
                most?: number;
                /** @description What the nodes are: `artifacts`, unless it is given. */
                level?: "artifacts" | "columns";
                /** @description As it was at this offset, or of the events that are of this time or before (`created_at`); as it is now unless it is given. */
                as_of?: string;
                /** @description `json`, unless it is given. */
                format?: "json" | "layout" | "tree" | "prompt" | "mermaid" | "dot" | "svg";
                /** @description How many tokens a prompt has at most. */
                budget?: number;
                /** @description Whether a prompt names the offset of each operation. */
                cite?: "true" | "false" | "";
                /** @description Other names for artifacts, each `ARTIFACT=NAME`. */
                label?: string[];
            };
            header?: never;
            path: {
                /** @description The artifact; it may have slashes. */
                artifact: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The lineage: as JSON, or laid out in columns and rows for whoever draws it (`layout`); as a picture (`svg`); or as text (`tree`, `prompt`, `mermaid`, `dot`). */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GraphOrLayout"];
                    "text/plain": string;
                    "image/svg+xml": unknown;
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter breaks its rule, is given twice where one is meant, or is none of this path: `field` names it. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listeners: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Those who listen. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Listeners"];
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    migrations: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The steps, in their order. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Migrations"];
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This server cannot ask for them (`no_migrations`). */
            501: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    all_operations: {
        parameters: {
            query?: {
                /** @description Only this project; all unless it is given. */
                project?: string;
                /** @description How many at most; 50 unless it is given. */
                limit?: number;
                /** @description How many to leave out; 0 unless it is given. */
                offset?: number;
                /** @description The `next` of the part before. */
                cursor?: string;
                /** @description Only what ended at this time or later. It has to be before `to`. */
                from?: string;
                /** @description Only what ended before this time. */
                to?: string;
                /** @description Only what ended in the last seconds, minutes, hours, days or weeks, such as `24h`; not with `from` or `to`. */
                period?: string;
                /** @description Only this branch; `default` are those that name none. */
                branch?: string;
                /** @description Only this table, as `bucket/table`. */
                table?: string;
                /** @description Only this command. */
                command?: string;
                /** @description Only those that ended so. */
                status?: "success" | "error" | "timeout";
                /** @description Only this job. */
                job?: string;
                /** @description Only this request. */
                request?: string;
                /** @description Only this job of a connection. */
                connection_job?: string;
                /** @description Only this run of a connection. */
                connection_run?: string;
                /** @description Only what took at least so long. */
                min_duration_ms?: number;
                /** @description Only what was recorded up to this offset or time; all unless it is given. */
                as_of?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A part of the log, the newest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Operations"];
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter breaks its rule, is given twice where one is meant, or is none of this path: `field` names it. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    operations_capacity: {
        parameters: {
            query?: {
                /** @description Only this project; all unless it is given. */
                project?: string;
                /** @description How many days to look ahead; 30 unless it is given. */
                days?: number;
                /** @description Only what ended at this time or later. It has to be before `to`. */
                from?: string;
                /** @description Only what ended before this time. */
                to?: string;
                /** @description Only what ended in the last seconds, minutes, hours, days or weeks, such as `24h`; not with `from` or `to`. */
                period?: string;
                /** @description Only this branch; `default` are those that name none. */
                branch?: string;
                /** @description Only this table, as `bucket/table`. */
                table?: string;
                /** @description Only this command. */
                command?: string;
                /** @description Only those that ended so. */
                status?: "success" | "error" | "timeout";
                /** @description Only this job. */
                job?: string;
                /** @description Only this request. */
                request?: string;
                /** @description Only this job of a connection. */
                connection_job?: string;
                /** @description Only this run of a connection. */
                connection_run?: string;
                /** @description Only what took at least so long. */
                min_duration_ms?: number;
                /** @description Only what was recorded up to this offset or time; all unless it is given. */
                as_of?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The numbers. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Outlook"];
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter breaks its rule, is given twice where one is meant, or is none of this path: `field` names it. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    all_operations_stats: {
        parameters: {
            query?: {
                /** @description Only this project; all unless it is given. */
                project?: string;
                /** @description In how many parts the period is shown; 24 unless it is given. */
                buckets?: number;
                /** @description Whether to tell how each command went in each part of the period. */
                heat?: "true" | "false" | "";
                /** @description Only what ended at this time or later. It has to be before `to`. */
                from?: string;
                /** @description Only what ended before this time. */
                to?: string;
                /** @description Only what ended in the last seconds, minutes, hours, days or weeks, such as `24h`; not with `from` or `to`. */
                period?: string;
                /** @description Only this branch; `default` are those that name none. */
                branch?: string;
                /** @description Only this table, as `bucket/table`. */
                table?: string;
                /** @description Only this command. */
                command?: string;
                /** @description Only those that ended so. */
                status?: "success" | "error" | "timeout";
                /** @description Only this job. */
                job?: string;
                /** @description Only this request. */
                request?: string;
                /** @description Only this job of a connection. */
                connection_job?: string;
                /** @description Only this run of a connection. */
                connection_run?: string;
                /** @description Only what took at least so long. */
                min_duration_ms?: number;
                /** @description Only what was recorded up to this offset or time; all unless it is given. */
                as_of?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The numbers. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AllStatistics"];
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter breaks its rule, is given twice where one is meant, or is none of this path: `field` names it. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    overview: {
        parameters: {
            query?: {
                /** @description As it was at this offset, or with all that was recorded by this time (`recorded_at`); as it is now unless it is given. */
                as_of?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The ledger at a glance. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LedgerOverview"];
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter breaks its rule, is given twice where one is meant, or is none of this path: `field` names it. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    path: {
        parameters: {
            query: {
                /** @description What a way begins at. */
                from: string;
                /** @description What it ends at. */
                to: string;
                /** @description What the nodes are: `artifacts`, unless it is given. */
                level?: "artifacts" | "columns";
                /** @description As it was at this offset, or of the events that are of this time or before (`created_at`); as it is now unless it is given. */
                as_of?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A shortest way, if there is one. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Way"];
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter breaks its rule, is given twice where one is meant, or is none of this path: `field` names it. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    operations: {
        parameters: {
            query?: {
                /** @description How many at most; 50 unless it is given. */
                limit?: number;
                /** @description How many to leave out; 0 unless it is given. */
                offset?: number;
                /** @description The `next` of the part before. */
                cursor?: string;
                /** @description Only what ended at this time or later. It has to be before `to`. */
                from?: string;
                /** @description Only what ended before this time. */
                to?: string;
                /** @description Only what ended in the last seconds, minutes, hours, days or weeks, such as `24h`; not with `from` or `to`. */
                period?: string;
                /** @description Only this branch; `default` are those that name none. */
                branch?: string;
                /** @description Only this table, as `bucket/table`. */
                table?: string;
                /** @description Only this command. */
                command?: string;
                /** @description Only those that ended so. */
                status?: "success" | "error" | "timeout";
                /** @description Only this job. */
                job?: string;
                /** @description Only this request. */
                request?: string;
                /** @description Only this job of a connection. */
                connection_job?: string;
                /** @description Only this run of a connection. */
                connection_run?: string;
                /** @description Only what took at least so long. */
                min_duration_ms?: number;
                /** @description Only what was recorded up to this offset or time; all unless it is given. */
                as_of?: string;
            };
            header?: never;
            path: {
                /** @description The project. */
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A part of the log, the newest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Operations"];
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter breaks its rule, is given twice where one is meant, or is none of this path: `field` names it. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    operations_stats: {
        parameters: {
            query?: {
                /** @description In how many parts the period is shown; 24 unless it is given. */
                buckets?: number;
                /** @description Only what ended at this time or later. It has to be before `to`. */
                from?: string;
                /** @description Only what ended before this time. */
                to?: string;
                /** @description Only what ended in the last seconds, minutes, hours, days or weeks, such as `24h`; not with `from` or `to`. */
                period?: string;
                /** @description Only this branch; `default` are those that name none. */
                branch?: string;
                /** @description Only this table, as `bucket/table`. */
                table?: string;
                /** @description Only this command. */
                command?: string;
                /** @description Only those that ended so. */
                status?: "success" | "error" | "timeout";
                /** @description Only this job. */
                job?: string;
                /** @description Only this request. */
                request?: string;
                /** @description Only this job of a connection. */
                connection_job?: string;
                /** @description Only this run of a connection. */
                connection_run?: string;
                /** @description Only what took at least so long. */
                min_duration_ms?: number;
                /** @description Only what was recorded up to this offset or time; all unless it is given. */
                as_of?: string;
            };
            header?: never;
            path: {
                /** @description The project. */
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The numbers. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Statistics"];
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter breaks its rule, is given twice where one is meant, or is none of this path: `field` names it. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    operation: {
        parameters: {
            query?: {
                /** @description Only what was recorded up to this offset or time; all unless it is given. */
                as_of?: string;
            };
            header?: never;
            path: {
                /** @description The project. */
                project: string;
                /** @description The operation's id, other than `stats`. */
                operation: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The operation. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Operation"];
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter breaks its rule, is given twice where one is meant, or is none of this path: `field` names it. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    prune: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "run": "a-run-of-no-use"
                 *     }
                 */
                "application/json": components["schemas"]["Query"];
            };
        };
        responses: {
            /** @description How many went. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Removed"];
                };
            };
            /** @description The body is no JSON, not UTF-8, or of another form than this path takes (`bad_body`). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body took too long to arrive. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more bytes than the server takes. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The `Content-Type` is missing, or none that is listed here; or the `Content-Encoding` is none that is read. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A value in the body, or a parameter, breaks its rule: `field` names it, and `detail` says where it is. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    replicas: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The replicas. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Replicas"];
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    restore: {
        parameters: {
            query?: {
                /** @description Raises the head to at least this; to the last event unless it is given. */
                head?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description A recorded event a line, as they are exported, in rising order of offsets. */
        requestBody: {
            content: {
                /** @example {"offset":1,"id":"order-17","kind":"order.placed","payload":{"total":12},"created_at":"2026-01-31T12:00:00Z","recorded_at":"2026-01-31T12:00:00Z"} */
                "application/x-ndjson": string;
            };
        };
        responses: {
            /** @description The head that was asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Head"];
                };
            };
            /** @description The body is no JSON, not UTF-8, or of another form than this path takes (`bad_body`). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body took too long to arrive. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger holds other events there (`not_empty`); nothing was written. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more bytes than the server takes. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The `Content-Type` is missing, or none that is listed here; or the `Content-Encoding` is none that is read. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A value in the body, or a parameter, breaks its rule: `field` names it, and `detail` says where it is. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    retention_apply: {
        parameters: {
            query?: {
                /** @description How long operations that ended well stay; `7d` unless it is given. */
                success?: string;
                /** @description How long all others that ended stay; `30d` unless it is given. */
                failed?: string;
                /** @description How long those stay that began and never ended; `90d` unless it is given. */
                unfinished?: string;
                /** @description How many that have ended stay at most. */
                most?: number;
                /** @description About how many bytes the ends of these have at most. */
                most_bytes?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What went. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Sweep"];
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter breaks its rule, is given twice where one is meant, or is none of this path: `field` names it. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    retention_plan: {
        parameters: {
            query?: {
                /** @description How long operations that ended well stay; `7d` unless it is given. */
                success?: string;
                /** @description How long all others that ended stay; `30d` unless it is given. */
                failed?: string;
                /** @description How long those stay that began and never ended; `90d` unless it is given. */
                unfinished?: string;
                /** @description How many that have ended stay at most. */
                most?: number;
                /** @description About how many bytes the ends of these have at most. */
                most_bytes?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What would go. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Sweep"];
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter breaks its rule, is given twice where one is meant, or is none of this path: `field` names it. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    runs: {
        parameters: {
            query?: {
                /** @description Only those whose id has this part, in whatever case. */
                q?: string;
                /** @description Only those that go on, or that have ended. */
                state?: "open" | "finished";
                /** @description Only those that have ended for a reason with this part, in whatever case. */
                reason?: string;
                /** @description Only those whose last event happened at this time or later. */
                since?: string;
                /** @description Only those whose first event happened before this time. */
                until?: string;
                /** @description Only what was recorded up to this offset or time; all unless it is given. */
                as_of?: string;
                /** @description How many at most; 100 unless it is given. */
                limit?: number;
                /** @description How many to leave out; 0 unless it is given. */
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A part of the runs. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Runs"];
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter breaks its rule, is given twice where one is meant, or is none of this path: `field` names it. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    run: {
        parameters: {
            query?: {
                /** @description Only what was recorded up to this offset or time; all unless it is given. */
                as_of?: string;
            };
            header?: never;
            path: {
                /** @description The run. */
                run: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The run. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Run"];
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter breaks its rule, is given twice where one is meant, or is none of this path: `field` names it. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    sessions: {
        parameters: {
            query?: {
                /** @description Only what was recorded up to this offset or time; all unless it is given. */
                as_of?: string;
                /** @description How many at most; 100 unless it is given. */
                limit?: number;
                /** @description How many to leave out; 0 unless it is given. */
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A part of the sessions. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Sessions"];
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter breaks its rule, is given twice where one is meant, or is none of this path: `field` names it. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    session: {
        parameters: {
            query?: {
                /** @description How many of the newest edits at most; 200 unless it is given. */
                most?: number;
                /** @description Only what was recorded up to this offset or time; all unless it is given. */
                as_of?: string;
            };
            header?: never;
            path: {
                /** @description The session. */
                session: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The session. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Overview"];
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter breaks its rule, is given twice where one is meant, or is none of this path: `field` names it. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    session_checkpoints: {
        parameters: {
            query?: {
                /** @description How many at most; 100 unless it is given. */
                limit?: number;
                /** @description How many to leave out; 0 unless it is given. */
                offset?: number;
                /** @description Only what was recorded up to this offset or time; all unless it is given. */
                as_of?: string;
            };
            header?: never;
            path: {
                /** @description The session. */
                session: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A part of the checkpoints. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Checkpoints"];
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter breaks its rule, is given twice where one is meant, or is none of this path: `field` names it. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    session_delta: {
        parameters: {
            query: {
                /** @description What the edits are about. */
                domain: string;
                /** @description Whether to list what came to nothing, too. */
                all?: "true" | "false" | "";
                /** @description Only what was recorded up to this offset or time; all unless it is given. */
                as_of?: string;
            };
            header?: never;
            path: {
                /** @description The session. */
                session: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Delta"];
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter breaks its rule, is given twice where one is meant, or is none of this path: `field` names it. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    session_graph: {
        parameters: {
            query?: {
                /** @description How many of the newest edits at most; 200 unless it is given. */
                most?: number;
                /** @description `svg`, unless it is given. */
                format?: "svg" | "mermaid" | "text";
                /** @description Only what was recorded up to this offset or time; all unless it is given. */
                as_of?: string;
            };
            header?: never;
            path: {
                /** @description The session. */
                session: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The picture; as text with `mermaid` and `text`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/svg+xml": unknown;
                    "text/plain": string;
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter breaks its rule, is given twice where one is meant, or is none of this path: `field` names it. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    snapshot: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A SQLite file, `ledger.db`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.sqlite3": unknown;
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This server makes no copies. */
            501: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    snapshots: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The snapshots. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Snapshots"];
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    start_snapshot: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is being copied. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Started"];
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This server makes no copies (`no_snapshots`). */
            501: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    one_snapshot: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The snapshot. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The snapshot. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Snapshot"];
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove_snapshot: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The snapshot. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    snapshot_file: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The snapshot. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A SQLite file, `ledger.db`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.sqlite3": unknown;
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It is being copied still, or that failed (`not_ready`). */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    tokens: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The tokens. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tokens"];
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    make_token: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "ci",
                 *       "scopes": [
                 *         "append"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["AskedToken"];
            };
        };
        responses: {
            /** @description The token, which counts at once. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewToken"];
                };
            };
            /** @description The body is no JSON, not UTF-8, or of another form than this path takes (`bad_body`). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body took too long to arrive. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Another token has the name (`taken`), or there are as many as there may be (`full`). */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more bytes than the server takes. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The `Content-Type` is missing, or none that is listed here; or the `Content-Encoding` is none that is read. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A value in the body, or a parameter, breaks its rule: `field` names it, and `detail` says where it is. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This server goes by no file of tokens (`no_token_file`). */
            501: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revoke_token: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of the token. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is revoked. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This server goes by no file of tokens (`no_token_file`). */
            501: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    page: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            /** @description A server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    health: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description A server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    metrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The metrics. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                    "application/openmetrics-text": string;
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    document: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The document. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description A server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    operations_at_root: {
        parameters: {
            query?: {
                /** @description How many at most; 50 unless it is given. */
                limit?: number;
                /** @description How many to leave out; 0 unless it is given. */
                offset?: number;
                /** @description The `next` of the part before. */
                cursor?: string;
                /** @description Only what ended at this time or later. It has to be before `to`. */
                from?: string;
                /** @description Only what ended before this time. */
                to?: string;
                /** @description Only what ended in the last seconds, minutes, hours, days or weeks, such as `24h`; not with `from` or `to`. */
                period?: string;
                /** @description Only this branch; `default` are those that name none. */
                branch?: string;
                /** @description Only this table, as `bucket/table`. */
                table?: string;
                /** @description Only this command. */
                command?: string;
                /** @description Only those that ended so. */
                status?: "success" | "error" | "timeout";
                /** @description Only this job. */
                job?: string;
                /** @description Only this request. */
                request?: string;
                /** @description Only this job of a connection. */
                connection_job?: string;
                /** @description Only this run of a connection. */
                connection_run?: string;
                /** @description Only what took at least so long. */
                min_duration_ms?: number;
                /** @description Only what was recorded up to this offset or time; all unless it is given. */
                as_of?: string;
            };
            header?: never;
            path: {
                /** @description The project. */
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A part of the log, the newest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Operations"];
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter breaks its rule, is given twice where one is meant, or is none of this path: `field` names it. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    operations_stats_at_root: {
        parameters: {
            query?: {
                /** @description In how many parts the period is shown; 24 unless it is given. */
                buckets?: number;
                /** @description Only what ended at this time or later. It has to be before `to`. */
                from?: string;
                /** @description Only what ended before this time. */
                to?: string;
                /** @description Only what ended in the last seconds, minutes, hours, days or weeks, such as `24h`; not with `from` or `to`. */
                period?: string;
                /** @description Only this branch; `default` are those that name none. */
                branch?: string;
                /** @description Only this table, as `bucket/table`. */
                table?: string;
                /** @description Only this command. */
                command?: string;
                /** @description Only those that ended so. */
                status?: "success" | "error" | "timeout";
                /** @description Only this job. */
                job?: string;
                /** @description Only this request. */
                request?: string;
                /** @description Only this job of a connection. */
                connection_job?: string;
                /** @description Only this run of a connection. */
                connection_run?: string;
                /** @description Only what took at least so long. */
                min_duration_ms?: number;
                /** @description Only what was recorded up to this offset or time; all unless it is given. */
                as_of?: string;
            };
            header?: never;
            path: {
                /** @description The project. */
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The numbers. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Statistics"];
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter breaks its rule, is given twice where one is meant, or is none of this path: `field` names it. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    operation_at_root: {
        parameters: {
            query?: {
                /** @description Only what was recorded up to this offset or time; all unless it is given. */
                as_of?: string;
            };
            header?: never;
            path: {
                /** @description The project. */
                project: string;
                /** @description The operation's id, other than `stats`. */
                operation: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The operation. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Operation"];
                };
            };
            /** @description No token was shown, or one that is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`); or a cookie came with what changes something, and no page of this server asks for that (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is nothing of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A parameter breaks its rule, is given twice where one is meant, or is none of this path: `field` names it. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The head of the request is too large. */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The ledger is behind another server, which does not let this one in (`denied`). */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ready: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It does. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description A server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again. */
            503: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    signed_in: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Who asks, be it nobody. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                    "text/html": string;
                };
            };
            /** @description A server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of another site (`wrong_origin`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    sign_in: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "token": "a-token-of-yours"
                 *     }
                 */
                "application/json": components["schemas"]["SignIn"];
            };
        };
        responses: {
            /** @description The cookie is in `Set-Cookie`. */
            204: {
                headers: {
                    /** @description The cookie, unless the server takes no tokens. */
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The body is no JSON, not UTF-8, or of another form than this path takes (`bad_body`). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token is not known. */
            401: {
                headers: {
                    /** @description `Bearer`. */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Another page than one of this server asks (`wrong_origin`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body took too long to arrive. */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has more bytes than the server takes. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The `Content-Type` is missing, or none that is listed here; or the `Content-Encoding` is none that is read. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A value in the body, or a parameter, breaks its rule: `field` names it, and `detail` says where it is. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many tokens were wrong within a minute (`too_many_tries`): wait until it is over. */
            429: {
                headers: {
                    /** @description After how many seconds to try again. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    sign_out: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The cookie counts no longer, if there was one. */
            204: {
                headers: {
                    /** @description Has the browser forget the cookie. */
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Another page than one of this server asks (`wrong_origin`), or a server without tokens was called by a name that is none of its machine's own (`wrong_host`). */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
