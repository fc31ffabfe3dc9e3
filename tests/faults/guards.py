"""The worker's guards, and for each a test that fails without it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """``test`` is to fail when in ``file`` the text ``guard``, which stands there once, becomes ``without``."""

    name: str
    file: str
    guard: str
    without: str
    test: str


MUTANTS = (
    Mutant(
        "positions are compared and set",
        "db/queries/move_positions.sql",
        "and p.next_offset = m.expected",
        "",
        "integration/test_one_worker.py::test_records_that_somebody_else_has_written_are_dropped",
    ),
    Mutant(
        "a slot's epoch is checked by who writes to it",
        "db/queries/write_outbox.sql",
        "and epoch = $3 and sequence",
        "and $3::bigint is not null and sequence",
        "ledger/test_undone.py::test_a_slot_with_a_new_owner_undoes_the_batch",
    ),
    Mutant(
        "the outbox position is part of the Kafka transaction",
        "worker/kafka/producer.py",
        "self._client.send_offsets_to_transaction({self._position: sequence + 1}, self._id),",
        "",
        "faults/test_killed.py::test_p01_killed_at_every_step_nothing_is_lost_or_doubled",
    ),
    Mutant(
        "records for which a batch has no room go into the next",
        "worker/kafka/producer.py",
        "            while records:\n                del records[: batch.add(records)]\n",
        "            while added := batch.add(records):\n                del records[:added]\n",
        "kafka/test_encoded.py::test_batches_hold_all_in_order_wherever_turns_end",
    ),
    Mutant(
        "no other transaction is begun before the last one's commit is seen",
        "worker/kafka/producer.py",
        "            await self._check_led(topics)\n            if known:\n",
        "            if True:\n",
        "faults/test_markers.py::test_p06_a_commit_that_lacks_its_markers_is_not_lost",
    ),
    Mutant(
        "what a commit may have left open is committed once more",
        "worker/publish.py",
        "            if topics:\n",
        "            if False:\n",
        "faults/test_markers.py::test_p06_a_commit_that_lacks_its_markers_is_not_lost",
    ),
    Mutant(
        "what an abort may have left open is aborted once more",
        "worker/publish.py",
        "aborted=aborted",
        "aborted=False",
        "faults/test_markers.py::test_p06_an_abort_that_lacks_its_markers_is_not_repeated",
    ),
    Mutant(
        "the position in Kafka counts when a slot is opened",
        "worker/publish.py",
        "slot.confirmed = max(slot.confirmed, published)",
        "",
        "faults/test_killed.py::test_p01_killed_at_every_step_nothing_is_lost_or_doubled",
    ),
    Mutant(
        "slots that were left are taken over",
        "worker/run.py",
        "                sweep.publish_abandoned(settings, pool, owner, tally, tracing),\n",
        "",
        "faults/test_killed.py::test_p02_what_killed_workers_left_is_published_by_others",
    ),
    Mutant(
        "plans are locked in one order",
        "worker/counters.py",
        "sorted(plans.items())",
        "plans.items()",
        "faults/test_shares.py::test_p16_workers_and_editors_never_wait_in_a_circle",
    ),
    Mutant(
        "plans are looked up by their newest era",
        "db/queries/lock_counters.sql",
        "    order by era desc\n    limit 1\n",
        "    offset 0\n",
        "ledger/test_old_snapshot.py::test_p23_plans_are_locked_past_few_of_the_versions_that_an_old_snapshot_keeps",
    ),
    Mutant(
        "plans are looked up in the index's order",
        "worker/postgres/sessions.py",
        '"enable_bitmapscan": "off"',
        '"enable_bitmapscan": "on"',
        "ledger/test_old_snapshot.py::test_p23_plans_are_locked_past_few_of_the_versions_that_an_old_snapshot_keeps",
    ),
    Mutant(
        "counters that somebody else has changed are read again",
        "db/queries/lock_counters.sql",
        "xmin = k.writer as is_known",
        "k.writer is not null as is_known",
        "ledger/test_remembered.py::test_what_another_worker_has_given_is_counted",
    ),
    Mutant(
        "counters of a batch that was undone are forgotten",
        "worker/counters.py",
        "self._remembered.pop(plan.plan_no, None)",
        "self._remembered.get(plan.plan_no)",
        "ledger/test_remembered.py::test_what_was_undone_is_forgotten",
    ),
    Mutant(
        "counters of another version of the plan are forgotten",
        "worker/counters.py",
        "row.shares.plan is plan",
        "True",
        "ledger/test_remembered.py::test_a_change_of_plans_counts_from_the_next_lead_on",
    ),
    Mutant(
        "the revision of the plans is checked under the locks",
        "worker/ledger.py",
        'if row["revision"] != book.revision:',
        "if False:",
        "faults/test_plan_changes.py::test_p17_a_change_applies_even_where_nobody_heard_of_it",
    ),
    Mutant(
        "positions are sought anew after a dropped batch",
        "worker/pipeline.py",
        "                    self._intake.distrust()\n",
        "",
        "integration/test_one_worker.py::test_records_that_somebody_else_has_written_are_dropped",
    ),
    Mutant(
        "a rebalance closes the gate",
        "worker/intake.py",
        "        self._open = False\n        self.distrust()\n",
        "        pass\n",
        "intake/test_polls.py::test_a_poll_that_a_rebalance_has_overtaken_is_dropped",
    ),
    Mutant(
        "a producer that failed is replaced",
        "worker/pipeline.py",
        "                await self._publisher.publish(committed.sequence, committed.messages)\n",
        "                while True:\n"
        "                    try:\n"
        "                        await self._publisher.publish(committed.sequence, committed.messages)\n"
        "                        break\n"
        "                    except kafka.TROUBLE:\n"
        "                        await asyncio.sleep(0.1)\n",
        "faults/test_network.py::test_p10_a_silent_network_to_kafka_is_noticed_and_recovered_from",
    ),
    Mutant(
        "silence of Kafka is noticed",
        "worker/intake.py",
        "        self.answers = await self._consumer.answers()\n",
        "        await self._consumer.answers()\n",
        "intake/test_positions.py::test_kafka_that_does_not_answer_is_noticed_while_nothing_comes",
    ),
    Mutant(
        "a batch that the database refuses is halved",
        "worker/pipeline.py",
        "if len(batch) > 1:",
        "if False:",
        "faults/test_refusals.py::test_p11_a_record_that_the_database_refuses_is_found_among_its_neighbours",
    ),
    Mutant(
        "the brake stops at too many dead letters",
        "worker/pipeline.py",
        "self._brake.check(batch.events, batch.generation)",
        "pass",
        "faults/test_refusals.py::test_p12_the_brake_stops_before_a_bad_deploy_empties_the_topic",
    ),
    Mutant(
        "what was asked of Postgres has a deadline",
        "worker/postgres/opening.py",
        "COMMAND_TIMEOUT = 15.0",
        "COMMAND_TIMEOUT = 1500.0",
        "faults/test_network.py::test_p10_a_silent_network_to_postgres_is_noticed_and_recovered_from",
    ),
    Mutant(
        "nobody waits for an answer he has given up on",
        "worker/postgres/__init__.py",
        "        connection.terminate()\n        raise\n",
        "        raise\n",
        "faults/test_network.py::test_p10_what_was_given_up_on_is_not_waited_for",
    ),
    Mutant(
        "a transaction may not be idle",
        "worker/postgres/sessions.py",
        '"idle_in_transaction_session_timeout": "5s"',
        '"idle_in_transaction_session_timeout": "0"',
        "faults/test_frozen.py::test_p04_a_worker_frozen_in_its_transaction_does_not_keep_its_locks[after_lock]",
    ),
    Mutant(
        "settings of the login and the database decide nothing",
        "worker/postgres/sessions.py",
        "wanted = {**COMMON, **required}",
        "wanted = {**required}",
        "sessions/test_settings.py::test_every_connection_has_what_it_needs[batches]",
    ),
    Mutant(
        "a connection that a pool has had back keeps what it needs",
        "worker/postgres/opening.py",
        '        return ""\n',
        "        return super().get_reset_query()\n",
        "sessions/test_settings.py::test_so_has_a_connection_that_a_pool_has_had_back",
    ),
    Mutant(
        "a server that takes no writes is not talked into it",
        "worker/postgres/opening.py",
        "if await connection.fetchval(TAKES_NO_WRITES):",
        "if False:",
        "sessions/test_settings.py::test_a_server_that_takes_no_writes_is_not_talked_into_it",
    ),
    Mutant(
        "another encoding is refused",
        "worker/postgres/sessions.py",
        'if begun["encoding"] != "UTF8":',
        "if False:",
        "setups/test_half_made.py::test_a_database_in_another_encoding[LATIN1]",
    ),
    Mutant(
        "a worker begins only where its statements can be prepared",
        "worker/commands/run.py",
        "            await schema.require(connection)\n",
        "            pass\n",
        "setups/test_half_made.py::test_a_database_of_a_release_before[0004]",
    ),
    Mutant(
        "sessions silent in a COPY are ended",
        "worker/run.py",
        "                sweep.end_silent_copies(pool),\n",
        "",
        "faults/test_frozen.py::test_p04_a_worker_frozen_in_its_transaction_does_not_keep_its_locks[in_copy]",
    ),
    Mutant(
        "the death of the listening connection wakes who follows the plans",
        "worker/postgres/__init__.py",
        "    connection.add_termination_listener(tell)\n",
        "",
        "faults/test_plan_changes.py::test_p18_a_listener_that_dies_is_back_soon",
    ),
    Mutant(
        "who is stopped while he loses a slot stops",
        "worker/sweep.py",
        "while not _cancelled():",
        "while True:",
        "test_sweep.py::test_p10_who_is_stopped_while_he_loses_a_slot_stops",
    ),
    Mutant(
        "another cluster is refused",
        "worker/positions.py",
        "*_other_clusters(positions, logs, group_id), ",
        "",
        "faults/test_positions.py::test_p20_another_cluster_is_refused_before_anything_is_published",
    ),
    Mutant(
        "a gap is read once more",
        "worker/gaps.py",
        "if new := gaps - seen:",
        "if new := set[Gap]():",
        "intake/test_gaps.py::test_a_gap_is_read_once_more_and_what_was_lost_comes",
    ),
    Mutant(
        "a session that ends stops its producer",
        "worker/publish.py",
        "        await producer.stop()\n",
        "        pass\n",
        "faults/test_bounds.py::test_p24_sessions_that_end_leave_nothing_open",
    ),
    Mutant(
        "a database older than what it published is refused",
        "worker/publish.py",
        "if published > slot.sequence:",
        "if False:",
        "faults/test_positions.py::test_p20_a_database_older_than_what_it_has_published_is_refused",
    ),
    Mutant(
        "a migration lets workers past",
        "db/migrations/__init__.py",
        'LOCK_TIMEOUT = "2s"',
        'LOCK_TIMEOUT = "60s"',
        "db/test_migrate.py::test_a_long_reader_is_waited_for_and_workers_are_let_past",
    ),
    Mutant(
        "a migration and its version are one transaction",
        "db/migrations/__init__.py",
        """    op.execute(f"set local lock_timeout = '{LOCK_TIMEOUT}'")""",
        "    #",
        "db/test_migrate.py::test_what_a_migration_makes_and_its_version_are_one",
    ),
)
