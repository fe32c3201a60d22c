//! The laws, each a function that takes any backend, and the one list that makes them tests.
//!
//! Whoever adds a law adds its name here, and every backend is held to it.

pub mod append;
pub mod artifacts;
pub mod condition;
pub mod copy;
pub mod durable;
pub mod exchange;
pub mod glances;
pub mod limits;
pub mod lineage;
pub mod live;
pub mod operations;
pub mod order;
pub mod prune;
pub mod random;
pub mod read;
pub mod recorder;
pub mod restore;
pub mod retention;
pub mod sessions;
pub mod views;

/// Makes a module of tests, one for each law, from a name and an expression that makes a [`Backend`](crate::Backend).
#[macro_export]
macro_rules! laws {
    ($name:ident, $backend:expr) => {
        mod $name {
            #[allow(unused_imports, clippy::wildcard_imports)]
            use super::*;
            $crate::shared_laws!($crate::tests_of_laws, $backend);
            $crate::durable_laws!($crate::tests_of_laws, $backend);
        }
    };
}

/// Makes the same tests for a backend whose ledgers end with their process, and says which laws that leaves out.
#[macro_export]
macro_rules! laws_in_process {
    ($name:ident, $backend:expr) => {
        mod $name {
            #[allow(unused_imports, clippy::wildcard_imports)]
            use super::*;
            $crate::shared_laws!($crate::tests_of_laws, $backend);
            $crate::durable_laws!($crate::names_of_laws, $backend);
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! shared_laws {
    ($make:path, $backend:expr) => {
        $make! { $backend;
            append {
                append_answers_a_repeated_id_with_its_first_offset
                append_answers_a_repeat_within_one_batch
                append_refuses_an_id_with_other_content
                append_refuses_one_id_with_two_contents_in_one_batch
                append_compares_every_field
                append_lets_a_retry_restamp_times
                append_compares_payloads_by_meaning
                append_tells_ids_apart_that_look_alike
                append_shows_a_batch_whole_or_not_at_all
                append_of_nothing_answers_nothing
                append_gives_each_id_one_offset_under_concurrency
                append_fails_only_the_caller_with_the_conflict
                append_is_whole_or_absent_when_its_caller_stops_waiting
            }
            limits {
                limits_take_ten_thousand_drafts_and_no_more
                limits_take_eight_mebibytes_and_no_more
                limits_bound_tags_parents_and_clock
                limits_bound_the_terms_of_a_query
            }
            condition {
                condition_that_fails_stores_nothing_and_names_the_event
                condition_counts_only_what_lies_past_its_offset
                condition_does_not_stand_in_the_way_of_a_retry
                condition_lets_exactly_one_of_many_win
                condition_loses_no_update
            }
            order {
                order_starts_at_one
                order_shows_a_commit_to_every_handle_at_once
                order_never_shows_an_event_before_the_one_it_follows
                order_leaves_no_gap_after_failures
                order_stamps_when_it_recorded
                identity_tells_ledgers_apart_and_handles_together
            }
            read {
                read_gives_payloads_back_to_the_byte
                read_gives_every_field_back
                read_takes_texts_literally
                read_finds_what_has_any_of_many_tags
                read_takes_kind_patterns_literally
                read_bounds_times_to_the_microsecond
                read_finds_a_window_of_time_however_much_it_holds
                read_finds_tags_however_many_events_have_them
                read_of_an_empty_range_answers_nothing
                read_streams_everything_through_gaps_and_large_events
                read_streams_on_while_events_are_pruned
                read_pages_each_event_once_while_others_append
                read_bounds_a_page_in_bytes
            }
            random {
                read_agrees_with_the_meaning_of_a_query
                condition_agrees_with_the_meaning_of_a_query
                prune_agrees_with_the_meaning_of_a_query
            }
            live {
                wait_returns_at_once_when_the_head_is_past
                wait_wakes_for_an_append_through_any_handle
                wait_sleeps_until_the_head_is_past
                wait_that_is_dropped_stops_nobody
                follow_goes_from_the_past_into_the_present
                follow_of_a_filter_gets_what_matches
                follow_that_is_slow_slows_nobody_and_loses_nothing
                follow_serves_many_at_once
                follow_refuses_a_position_past_the_head
            }
            prune {
                prune_removes_what_matches_and_nothing_else
                prune_never_frees_an_offset
                prune_frees_the_ids
                prune_of_nothing_removes_nothing
                prune_lets_appends_through
                erase_removes_what_is_at_its_offsets
                prune_that_is_told_of_is_told_from_loss
            }
            restore {
                restore_keeps_offsets_and_gaps_and_raises_the_head
                restore_again_changes_nothing
                restore_refuses_other_content_and_touches_nothing
                restore_refuses_events_out_of_order
                restore_wakes_those_who_wait
                restore_takes_a_full_batch
                restore_to_the_largest_offset_leaves_a_full_ledger
            }
            copy {
                copy_has_the_same_events_offsets_and_digest
                copy_of_nothing_is_empty
                copy_while_others_append_is_a_prefix
                copy_takes_events_of_any_size
                copy_onto_itself_is_refused
                copy_onto_other_events_is_refused
                copy_goes_on_where_an_older_copy_ended
                copy_onto_a_diverged_copy_is_refused
            }
            views {
                views_agree_with_a_plain_computation
                views_reach_the_head_whatever_they_match
                moments_are_what_was_recorded_by_then
                verify_is_the_hash_of_the_lines
                upcasters_lift_what_is_read_and_rewrite_nothing
            }
            glances {
                chains_are_what_the_parents_say
                facets_count_the_newest_that_match
                glances_at_the_past_are_what_one_saw_then
            }
            operations {
                operations_are_listed_as_a_look_through_all_finds_them
                operations_are_counted_as_a_plain_computation_counts_them
            }
            lineage {
                lineage_by_look_up_is_what_the_fold_says
                lineage_tells_parts_and_what_is_gone
                lineage_of_the_past_and_of_what_is_no_operation
                columns_have_a_lineage_of_their_own
                lineage_steps_over_thousands_of_artifacts
            }
            artifacts {
                artifacts_may_go_when_nothing_keeps_them
                artifacts_of_names_used_again_and_of_unclear_events
                reaper_takes_turns_and_records_no_drop_of_the_living
                reaper_drops_what_may_go_and_records_it
            }
            retention {
                retention_removes_what_its_policy_says_and_tells_what_went
                retention_keeps_the_lineage_of_all_that_is_there
                retention_changes_no_verdict_on_what_is_there
                retention_lets_appends_and_followers_through
                retention_waits_for_what_has_not_ended
                retention_believes_no_record_of_what_is_to_come
            }
            sessions {
                session_stamps_go_on_past_all_that_is_known
                session_handles_hear_of_what_others_do
                session_records_an_edit_once_and_as_it_was_given
                session_handles_of_one_actor_give_no_stamp_twice
                session_checkpoints_part_the_edits_exactly
                session_replay_goes_by_offset_and_not_by_stamp
                session_deltas_are_in_causal_order_and_collapsed
                session_reservations_are_told_until_they_end
                sessions_that_grew_apart_are_one_when_carried
            }
            exchange {
                sessions_are_exchanged_by_files
                sessions_are_imported_past_what_is_broken
            }
            recorder {
                recorder_delivers_what_many_tasks_record_once_and_each_in_its_order
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! durable_laws {
    ($make:path, $backend:expr) => {
        $make! { $backend;
            durable {
                reopening_finds_what_was_there
                reopening_finds_what_was_acknowledged_last
                reopening_after_prune_reuses_no_offset
                reopening_keeps_a_restored_head
                opening_by_many_at_once_makes_one_ledger
                opening_and_closing_disturbs_nobody
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! tests_of_laws {
    ($backend:expr; $($file:ident { $($law:ident)* })*) => { $(
        mod $file {
            #[allow(unused_imports, clippy::wildcard_imports)]
            use super::*;
            $(
                #[test]
                fn $law() {
                    $crate::run_law(&$backend, |backend| Box::pin($crate::laws::$file::$law(backend)));
                }
            )*
        }
    )* };
}

#[doc(hidden)]
#[macro_export]
macro_rules! names_of_laws {
    ($backend:expr; $($file:ident { $($law:ident)* })*) => {
        /// Names what was not tested, so that nobody takes it for tested.
        #[test]
        fn laws_that_do_not_apply_to_a_ledger_that_ends_with_its_process() {
            let left_out = [$($(concat!(stringify!($file), "::", stringify!($law))),*),*];
            let name = $crate::Backend::name(&$backend);
            eprintln!("{name}: {} laws need a ledger that outlives a handle: {left_out:?}", left_out.len());
        }
    };
}
