CREATE SCHEMA salesplan;

CREATE SCHEMA salesplan_api;

CREATE FUNCTION salesplan.keep_era() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    new.era := new.last_seq / 64;
    return new;
end $$;

CREATE TABLE salesplan.assignment (
    plan_no integer NOT NULL,
    plan_seq bigint NOT NULL,
    lead_id text NOT NULL,
    manager_id text NOT NULL,
    previous_manager_id text,
    revision integer NOT NULL,
    reason text NOT NULL,
    plan_version integer NOT NULL,
    trigger_kind text NOT NULL,
    trigger_event_id uuid NOT NULL,
    trigger_ref text NOT NULL,
    source_topic text NOT NULL,
    source_partition integer NOT NULL,
    source_offset bigint NOT NULL,
    event_id uuid NOT NULL,
    assigned_at timestamp with time zone NOT NULL,
    links jsonb,
    batch bigint,
    CONSTRAINT assignment_plan_seq_check CHECK ((plan_seq >= 1)),
    CONSTRAINT assignment_reason_check CHECK ((reason = ANY (ARRAY['even'::text, 'linked_contact'::text, 'linked_plan'::text]))),
    CONSTRAINT assignment_revision_check CHECK ((revision >= 1)),
    CONSTRAINT assignment_trigger_kind_check CHECK ((trigger_kind = ANY (ARRAY['subscription'::text, 'order'::text, 'failed-payment'::text, 'paid'::text])))
);

CREATE TABLE salesplan.manager_login (
    login name NOT NULL,
    account_id text NOT NULL,
    manager_id text NOT NULL
);

CREATE TABLE salesplan.plan (
    plan_no integer NOT NULL,
    account_id text NOT NULL,
    plan_id text NOT NULL,
    version integer NOT NULL,
    archived boolean NOT NULL,
    roster text[] NOT NULL,
    book_revision bigint CONSTRAINT plan_book_revision_not_null1 NOT NULL,
    CONSTRAINT plan_plan_id_check CHECK (((plan_id ~ '^[a-z0-9]+(-[a-z0-9]+)*$'::text) AND (char_length(plan_id) <= 128)))
);

CREATE VIEW salesplan.viewer AS
 SELECT manager_login.account_id,
    manager_login.manager_id
   FROM salesplan.manager_login
  WHERE (manager_login.login = SESSION_USER)
UNION ALL
 SELECT current_setting('salesplan.account_id'::text, true) AS account_id,
    current_setting('salesplan.manager_id'::text, true) AS manager_id
  WHERE (pg_has_role(SESSION_USER, 'salesplan_console'::name, 'usage'::text) AND (NOT (EXISTS ( SELECT
           FROM salesplan.manager_login
          WHERE (manager_login.login = SESSION_USER)))));

CREATE FUNCTION salesplan.own_assignments() RETURNS TABLE(account_id text, plan_id text, lead_id text, manager_id text, plan_seq bigint, revision integer, reason text, plan_version integer, trigger_kind text, trigger_event_id uuid, source_topic text, source_partition integer, source_offset bigint, event_id uuid, assigned_at timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    BEGIN ATOMIC
 SELECT p.account_id,
     p.plan_id,
     a.lead_id,
     a.manager_id,
     a.plan_seq,
     a.revision,
     a.reason,
     a.plan_version,
     a.trigger_kind,
     a.trigger_event_id,
     a.source_topic,
     a.source_partition,
     a.source_offset,
     a.event_id,
     a.assigned_at
    FROM ((salesplan.viewer v
      JOIN salesplan.plan p ON (((p.account_id = v.account_id) AND (v.manager_id = ANY (p.roster)))))
      JOIN salesplan.assignment a ON (((a.plan_no = p.plan_no) AND (a.manager_id = v.manager_id))));
END;

CREATE TABLE salesplan.plan_counter (
    plan_no integer NOT NULL,
    last_seq bigint DEFAULT 0 NOT NULL,
    waiting integer DEFAULT 0 NOT NULL,
    assigned integer[] NOT NULL,
    last_seqs bigint[] NOT NULL,
    era bigint DEFAULT 0 NOT NULL,
    CONSTRAINT plan_counter_check CHECK ((cardinality(assigned) = cardinality(last_seqs))),
    CONSTRAINT plan_counter_waiting_check CHECK ((waiting >= 0))
)
WITH (fillfactor='50', autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_cost_delay='0');

CREATE TABLE salesplan.plan_version (
    plan_no integer NOT NULL,
    version integer NOT NULL,
    name text NOT NULL,
    conversion_percent numeric(5,2) NOT NULL,
    average_sale numeric(14,2) NOT NULL,
    label_text text,
    label_color text,
    mode text NOT NULL,
    managers text[] NOT NULL,
    active boolean[] NOT NULL,
    lgts text[] NOT NULL,
    ordered text[] NOT NULL,
    payment_failed text[] NOT NULL,
    paid text[] NOT NULL,
    archived boolean NOT NULL,
    changed_by text NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    after_seq bigint,
    CONSTRAINT plan_version_average_sale_check CHECK ((average_sale >= (0)::numeric)),
    CONSTRAINT plan_version_check CHECK (((label_color IS NULL) OR (label_text IS NOT NULL))),
    CONSTRAINT plan_version_check1 CHECK ((cardinality(managers) = cardinality(active))),
    CONSTRAINT plan_version_conversion_percent_check CHECK (((conversion_percent >= (0)::numeric) AND (conversion_percent <= (100)::numeric))),
    CONSTRAINT plan_version_label_color_check CHECK ((label_color ~ '^#[0-9a-f]{6}$'::text)),
    CONSTRAINT plan_version_label_text_check CHECK (((char_length(label_text) >= 1) AND (char_length(label_text) <= 30))),
    CONSTRAINT plan_version_mode_check CHECK ((mode = ANY (ARRAY['even'::text, 'linked'::text]))),
    CONSTRAINT plan_version_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 120))),
    CONSTRAINT plan_version_version_check CHECK ((version >= 1))
);

CREATE FUNCTION salesplan.own_plan_managers() RETURNS TABLE(account_id text, plan_id text, manager_id text, active boolean, assigned_count integer)
    LANGUAGE sql STABLE SECURITY DEFINER
    BEGIN ATOMIC
 SELECT p.account_id,
     p.plan_id,
     r.manager_id,
     (COALESCE(pv.active[array_position(pv.managers, r.manager_id)], false) AND (NOT p.archived)),
     r.assigned_count
    FROM ((((salesplan.viewer v
      JOIN salesplan.plan p ON ((p.account_id = v.account_id)))
      JOIN salesplan.plan_version pv ON (((pv.plan_no = p.plan_no) AND (pv.version = p.version))))
      JOIN salesplan.plan_counter c ON ((c.plan_no = p.plan_no)))
      CROSS JOIN LATERAL UNNEST(p.roster, c.assigned) r(manager_id, assigned_count))
   WHERE (r.manager_id = v.manager_id);
END;

CREATE FUNCTION salesplan.own_plans() RETURNS TABLE(account_id text, plan_id text, name text, version integer, mode text, archived boolean, leads bigint, potential_usd numeric)
    LANGUAGE sql STABLE SECURITY DEFINER
    BEGIN ATOMIC
 SELECT p.account_id,
     p.plan_id,
     pv.name,
     p.version,
     pv.mode,
     p.archived,
     mine.leads,
     round(((((mine.leads)::numeric * pv.conversion_percent) / (100)::numeric) * pv.average_sale), 2) AS round
    FROM ((((salesplan.viewer v
      JOIN salesplan.plan p ON ((p.account_id = v.account_id)))
      JOIN salesplan.plan_version pv ON (((pv.plan_no = p.plan_no) AND (pv.version = p.version))))
      JOIN salesplan.plan_counter c ON ((c.plan_no = p.plan_no)))
      CROSS JOIN LATERAL ( SELECT (c.assigned[array_position(p.roster, v.manager_id)])::bigint AS leads) mine)
   WHERE (v.manager_id = ANY (pv.managers));
END;

CREATE FUNCTION salesplan.sees_all() RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (pg_has_role(CURRENT_USER, 'salesplan_reader'::name, 'usage'::text) OR pg_has_role(CURRENT_USER, (SELECT pg_namespace.nspowner FROM pg_namespace WHERE (pg_namespace.nspname = 'salesplan'::name)), 'usage'::text));

CREATE TABLE salesplan.account (
    account_id text NOT NULL,
    CONSTRAINT account_account_id_check CHECK (((char_length(account_id) >= 1) AND (char_length(account_id) <= 128)))
);

CREATE TABLE salesplan.alembic_version (
    version_num character varying(32) NOT NULL
);

CREATE SEQUENCE salesplan.arrival
    START WITH 1
    INCREMENT BY 65536
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE salesplan.contact (
    account_id text NOT NULL,
    lead_id text NOT NULL,
    manager_id text NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    arrival bigint NOT NULL
);

CREATE TABLE salesplan.erasure (
    erased_id text NOT NULL,
    account_id text NOT NULL,
    erased_at timestamp with time zone NOT NULL,
    erased_by text NOT NULL,
    assignments integer NOT NULL,
    waiting integer NOT NULL,
    contacts integer NOT NULL
);

CREATE TABLE salesplan.outbox (
    group_id text NOT NULL,
    slot_number integer NOT NULL,
    sequence bigint NOT NULL,
    messages bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    held_topic text,
    held_messages integer,
    held_bytes integer
);
ALTER TABLE ONLY salesplan.outbox ALTER COLUMN messages SET STORAGE EXTERNAL;

CREATE TABLE salesplan.plan_book (
    only_row boolean DEFAULT true NOT NULL,
    revision bigint NOT NULL,
    CONSTRAINT plan_book_only_row_check CHECK (only_row)
);

CREATE TABLE salesplan.plan_lgt (
    account_id text NOT NULL,
    lgt_id text NOT NULL,
    plan_no integer NOT NULL
);

ALTER TABLE salesplan.plan ALTER COLUMN plan_no ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME salesplan.plan_plan_no_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE salesplan."position" (
    group_id text NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    first_offset bigint NOT NULL,
    next_offset bigint NOT NULL,
    skipped bigint DEFAULT 0 NOT NULL,
    assigned bigint DEFAULT 0 NOT NULL,
    waiting bigint DEFAULT 0 NOT NULL,
    already_assigned bigint DEFAULT 0 NOT NULL,
    no_match bigint DEFAULT 0 NOT NULL,
    contact_recorded bigint DEFAULT 0 NOT NULL,
    dead_lettered bigint DEFAULT 0 NOT NULL,
    cluster_id text,
    topic_id uuid,
    reading integer DEFAULT 1 NOT NULL,
    leader_epoch integer,
    epoch_offset bigint
)
WITH (fillfactor='50');

CREATE TABLE salesplan.position_past (
    group_id text NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    reading integer NOT NULL,
    first_offset bigint NOT NULL,
    next_offset bigint NOT NULL,
    skipped bigint NOT NULL,
    assigned bigint NOT NULL,
    waiting bigint NOT NULL,
    already_assigned bigint NOT NULL,
    no_match bigint NOT NULL,
    contact_recorded bigint NOT NULL,
    dead_lettered bigint NOT NULL,
    cluster_id text,
    topic_id uuid,
    ended_at timestamp with time zone NOT NULL,
    ended_by text NOT NULL,
    reset_to text NOT NULL
);

CREATE TABLE salesplan.pruned (
    what text NOT NULL,
    before timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    entries bigint DEFAULT 0 NOT NULL,
    times bigint DEFAULT 0 NOT NULL,
    CONSTRAINT pruned_what_check CHECK ((what = ANY (ARRAY['unmatched'::text, 'contact'::text])))
);

CREATE TABLE salesplan.slot (
    group_id text NOT NULL,
    number integer NOT NULL,
    epoch bigint NOT NULL,
    sequence bigint DEFAULT 0 NOT NULL,
    confirmed bigint DEFAULT 0 NOT NULL,
    lease_until timestamp with time zone NOT NULL,
    owner text NOT NULL,
    marked_epoch bigint,
    CONSTRAINT slot_check CHECK ((confirmed <= sequence))
)
WITH (fillfactor='50');

CREATE TABLE salesplan.unmatched (
    slot_number integer NOT NULL,
    account_id text NOT NULL,
    trigger_kind text NOT NULL,
    ref text NOT NULL,
    times bigint NOT NULL,
    last_seen_at timestamp with time zone NOT NULL
)
WITH (fillfactor='70');

CREATE TABLE salesplan.waiting_lead (
    plan_no integer NOT NULL,
    arrival bigint NOT NULL,
    lead_id text NOT NULL,
    since timestamp with time zone NOT NULL,
    trigger_kind text NOT NULL,
    trigger_event_id uuid NOT NULL,
    trigger_ref text NOT NULL,
    source_topic text NOT NULL,
    source_partition integer NOT NULL,
    source_offset bigint NOT NULL,
    traceparent text,
    CONSTRAINT waiting_lead_trigger_kind_check CHECK ((trigger_kind = ANY (ARRAY['subscription'::text, 'order'::text, 'failed-payment'::text, 'paid'::text])))
);

CREATE VIEW salesplan_api.assignments WITH (security_barrier='true') AS
 SELECT p.account_id,
    p.plan_id,
    a.lead_id,
    a.manager_id,
    a.plan_seq,
    a.revision,
    a.reason,
    a.plan_version,
    a.trigger_kind,
    a.trigger_event_id,
    a.source_topic,
    a.source_partition,
    a.source_offset,
    a.event_id,
    a.assigned_at
   FROM (salesplan.assignment a
     JOIN salesplan.plan p USING (plan_no))
  WHERE salesplan.sees_all()
UNION ALL
 SELECT own_assignments.account_id,
    own_assignments.plan_id,
    own_assignments.lead_id,
    own_assignments.manager_id,
    own_assignments.plan_seq,
    own_assignments.revision,
    own_assignments.reason,
    own_assignments.plan_version,
    own_assignments.trigger_kind,
    own_assignments.trigger_event_id,
    own_assignments.source_topic,
    own_assignments.source_partition,
    own_assignments.source_offset,
    own_assignments.event_id,
    own_assignments.assigned_at
   FROM salesplan.own_assignments() own_assignments(account_id, plan_id, lead_id, manager_id, plan_seq, revision, reason, plan_version, trigger_kind, trigger_event_id, source_topic, source_partition, source_offset, event_id, assigned_at)
  WHERE (NOT salesplan.sees_all());

CREATE VIEW salesplan_api.plan_managers WITH (security_barrier='true') AS
 SELECT p.account_id,
    p.plan_id,
    r.manager_id,
    (COALESCE(v.active[array_position(v.managers, r.manager_id)], false) AND (NOT p.archived)) AS active,
    r.assigned_count
   FROM (((salesplan.plan p
     JOIN salesplan.plan_version v USING (plan_no, version))
     JOIN salesplan.plan_counter c USING (plan_no))
     CROSS JOIN LATERAL UNNEST(p.roster, c.assigned) r(manager_id, assigned_count))
  WHERE salesplan.sees_all()
UNION ALL
 SELECT own_plan_managers.account_id,
    own_plan_managers.plan_id,
    own_plan_managers.manager_id,
    own_plan_managers.active,
    own_plan_managers.assigned_count
   FROM salesplan.own_plan_managers() own_plan_managers(account_id, plan_id, manager_id, active, assigned_count)
  WHERE (NOT salesplan.sees_all());

CREATE VIEW salesplan_api.plans WITH (security_barrier='true') AS
 SELECT p.account_id,
    p.plan_id,
    v.name,
    p.version,
    v.mode,
    p.archived,
    (c.last_seq + c.waiting) AS leads,
    round((((((c.last_seq + c.waiting))::numeric * v.conversion_percent) / (100)::numeric) * v.average_sale), 2) AS potential_usd
   FROM ((salesplan.plan p
     JOIN salesplan.plan_version v USING (plan_no, version))
     JOIN salesplan.plan_counter c USING (plan_no))
  WHERE salesplan.sees_all()
UNION ALL
 SELECT own_plans.account_id,
    own_plans.plan_id,
    own_plans.name,
    own_plans.version,
    own_plans.mode,
    own_plans.archived,
    own_plans.leads,
    own_plans.potential_usd
   FROM salesplan.own_plans() own_plans(account_id, plan_id, name, version, mode, archived, leads, potential_usd)
  WHERE (NOT salesplan.sees_all());

CREATE VIEW salesplan_api.unmatched WITH (security_barrier='true') AS
 SELECT account_id,
    trigger_kind,
    ref,
    (sum(times))::bigint AS times,
    max(last_seen_at) AS last_seen_at
   FROM salesplan.unmatched
  GROUP BY account_id, trigger_kind, ref;

CREATE VIEW salesplan_api.waiting WITH (security_barrier='true') AS
 SELECT p.account_id,
    p.plan_id,
    w.lead_id,
    w.since
   FROM (salesplan.waiting_lead w
     JOIN salesplan.plan p USING (plan_no));

ALTER TABLE ONLY salesplan.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (account_id);

ALTER TABLE ONLY salesplan.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);

ALTER TABLE ONLY salesplan.assignment
    ADD CONSTRAINT assignment_lead_id_plan_no_key UNIQUE (lead_id, plan_no);

ALTER TABLE ONLY salesplan.assignment
    ADD CONSTRAINT assignment_pkey PRIMARY KEY (plan_no, plan_seq);

ALTER TABLE ONLY salesplan.contact
    ADD CONSTRAINT contact_pkey PRIMARY KEY (account_id, lead_id, manager_id);

ALTER TABLE ONLY salesplan.erasure
    ADD CONSTRAINT erasure_pkey PRIMARY KEY (erased_id);

ALTER TABLE ONLY salesplan.manager_login
    ADD CONSTRAINT manager_login_pkey PRIMARY KEY (login);

ALTER TABLE ONLY salesplan.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (group_id, slot_number, sequence);

ALTER TABLE ONLY salesplan.plan
    ADD CONSTRAINT plan_account_id_plan_id_key UNIQUE (account_id, plan_id);

ALTER TABLE ONLY salesplan.plan_book
    ADD CONSTRAINT plan_book_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY salesplan.plan_counter
    ADD CONSTRAINT plan_counter_pkey PRIMARY KEY (plan_no, era);

ALTER TABLE ONLY salesplan.plan_lgt
    ADD CONSTRAINT plan_lgt_pkey PRIMARY KEY (account_id, lgt_id);

ALTER TABLE ONLY salesplan.plan
    ADD CONSTRAINT plan_pkey PRIMARY KEY (plan_no);

ALTER TABLE ONLY salesplan.plan_version
    ADD CONSTRAINT plan_version_pkey PRIMARY KEY (plan_no, version);

ALTER TABLE ONLY salesplan.position_past
    ADD CONSTRAINT position_past_pkey PRIMARY KEY (group_id, topic, partition, reading);

ALTER TABLE ONLY salesplan."position"
    ADD CONSTRAINT position_pkey PRIMARY KEY (group_id, topic, partition);

ALTER TABLE ONLY salesplan.pruned
    ADD CONSTRAINT pruned_pkey PRIMARY KEY (what);

ALTER TABLE ONLY salesplan.slot
    ADD CONSTRAINT slot_pkey PRIMARY KEY (group_id, number);

ALTER TABLE ONLY salesplan.unmatched
    ADD CONSTRAINT unmatched_pkey PRIMARY KEY (slot_number, account_id, trigger_kind, ref);

ALTER TABLE ONLY salesplan.waiting_lead
    ADD CONSTRAINT waiting_lead_lead_id_plan_no_key UNIQUE (lead_id, plan_no);

ALTER TABLE ONLY salesplan.waiting_lead
    ADD CONSTRAINT waiting_lead_pkey PRIMARY KEY (plan_no, arrival);

CREATE INDEX erasure_account ON salesplan.erasure USING btree (account_id, erased_at);

CREATE INDEX plan_book_revision ON salesplan.plan USING btree (book_revision);

CREATE INDEX plan_lgt_plan ON salesplan.plan_lgt USING btree (plan_no);

CREATE TRIGGER keep_era BEFORE UPDATE OF last_seq ON salesplan.plan_counter FOR EACH ROW WHEN ((new.era <> (new.last_seq / 64))) EXECUTE FUNCTION salesplan.keep_era();

ALTER TABLE ONLY salesplan.plan_lgt
    ADD CONSTRAINT plan_lgt_plan_no_fkey FOREIGN KEY (plan_no) REFERENCES salesplan.plan(plan_no);

ALTER TABLE ONLY salesplan.plan_version
    ADD CONSTRAINT plan_version_plan_no_fkey FOREIGN KEY (plan_no) REFERENCES salesplan.plan(plan_no);

CREATE POLICY every_plan ON salesplan.plan USING (true);

ALTER TABLE salesplan.plan ENABLE ROW LEVEL SECURITY;

GRANT USAGE ON SCHEMA salesplan TO salesplan_worker;
GRANT USAGE ON SCHEMA salesplan TO salesplan_reader;

GRANT USAGE ON SCHEMA salesplan_api TO salesplan_reader;
GRANT USAGE ON SCHEMA salesplan_api TO salesplan_manager;
GRANT USAGE ON SCHEMA salesplan_api TO salesplan_console;

GRANT SELECT,INSERT ON TABLE salesplan.assignment TO salesplan_worker;
GRANT SELECT ON TABLE salesplan.assignment TO salesplan_reader;

GRANT SELECT ON TABLE salesplan.manager_login TO salesplan_reader;

GRANT SELECT,INSERT ON TABLE salesplan.plan TO salesplan_worker;
GRANT SELECT ON TABLE salesplan.plan TO salesplan_reader;

GRANT UPDATE(version) ON TABLE salesplan.plan TO salesplan_worker;

GRANT UPDATE(archived) ON TABLE salesplan.plan TO salesplan_worker;

GRANT UPDATE(roster) ON TABLE salesplan.plan TO salesplan_worker;

GRANT UPDATE(book_revision) ON TABLE salesplan.plan TO salesplan_worker;

REVOKE ALL ON FUNCTION salesplan.own_assignments() FROM PUBLIC;
GRANT ALL ON FUNCTION salesplan.own_assignments() TO salesplan_manager;
GRANT ALL ON FUNCTION salesplan.own_assignments() TO salesplan_console;

GRANT SELECT,INSERT ON TABLE salesplan.plan_counter TO salesplan_worker;
GRANT SELECT ON TABLE salesplan.plan_counter TO salesplan_reader;

GRANT UPDATE(last_seq) ON TABLE salesplan.plan_counter TO salesplan_worker;

GRANT UPDATE(waiting) ON TABLE salesplan.plan_counter TO salesplan_worker;

GRANT UPDATE(assigned) ON TABLE salesplan.plan_counter TO salesplan_worker;

GRANT UPDATE(last_seqs) ON TABLE salesplan.plan_counter TO salesplan_worker;

GRANT SELECT,INSERT ON TABLE salesplan.plan_version TO salesplan_worker;
GRANT SELECT ON TABLE salesplan.plan_version TO salesplan_reader;

REVOKE ALL ON FUNCTION salesplan.own_plan_managers() FROM PUBLIC;
GRANT ALL ON FUNCTION salesplan.own_plan_managers() TO salesplan_manager;
GRANT ALL ON FUNCTION salesplan.own_plan_managers() TO salesplan_console;

REVOKE ALL ON FUNCTION salesplan.own_plans() FROM PUBLIC;
GRANT ALL ON FUNCTION salesplan.own_plans() TO salesplan_manager;
GRANT ALL ON FUNCTION salesplan.own_plans() TO salesplan_console;

GRANT SELECT,INSERT ON TABLE salesplan.account TO salesplan_worker;
GRANT SELECT ON TABLE salesplan.account TO salesplan_reader;

GRANT UPDATE(account_id) ON TABLE salesplan.account TO salesplan_worker;

GRANT SELECT ON TABLE salesplan.alembic_version TO salesplan_reader;
GRANT SELECT ON TABLE salesplan.alembic_version TO salesplan_worker;

GRANT SELECT,USAGE ON SEQUENCE salesplan.arrival TO salesplan_worker;
GRANT SELECT ON SEQUENCE salesplan.arrival TO salesplan_reader;

GRANT SELECT,INSERT ON TABLE salesplan.contact TO salesplan_worker;
GRANT SELECT ON TABLE salesplan.contact TO salesplan_reader;

GRANT UPDATE(occurred_at) ON TABLE salesplan.contact TO salesplan_worker;

GRANT UPDATE(arrival) ON TABLE salesplan.contact TO salesplan_worker;

GRANT SELECT ON TABLE salesplan.erasure TO salesplan_reader;

GRANT SELECT,INSERT,DELETE ON TABLE salesplan.outbox TO salesplan_worker;
GRANT SELECT ON TABLE salesplan.outbox TO salesplan_reader;

GRANT SELECT ON TABLE salesplan.plan_book TO salesplan_worker;
GRANT SELECT ON TABLE salesplan.plan_book TO salesplan_reader;

GRANT UPDATE(revision) ON TABLE salesplan.plan_book TO salesplan_worker;

GRANT SELECT,INSERT,DELETE ON TABLE salesplan.plan_lgt TO salesplan_worker;
GRANT SELECT ON TABLE salesplan.plan_lgt TO salesplan_reader;

GRANT SELECT ON SEQUENCE salesplan.plan_plan_no_seq TO salesplan_worker;
GRANT SELECT ON SEQUENCE salesplan.plan_plan_no_seq TO salesplan_reader;

GRANT SELECT,INSERT,DELETE ON TABLE salesplan."position" TO salesplan_worker;
GRANT SELECT ON TABLE salesplan."position" TO salesplan_reader;

GRANT UPDATE(next_offset) ON TABLE salesplan."position" TO salesplan_worker;

GRANT UPDATE(skipped) ON TABLE salesplan."position" TO salesplan_worker;

GRANT UPDATE(assigned) ON TABLE salesplan."position" TO salesplan_worker;

GRANT UPDATE(waiting) ON TABLE salesplan."position" TO salesplan_worker;

GRANT UPDATE(already_assigned) ON TABLE salesplan."position" TO salesplan_worker;

GRANT UPDATE(no_match) ON TABLE salesplan."position" TO salesplan_worker;

GRANT UPDATE(contact_recorded) ON TABLE salesplan."position" TO salesplan_worker;

GRANT UPDATE(dead_lettered) ON TABLE salesplan."position" TO salesplan_worker;

GRANT UPDATE(cluster_id) ON TABLE salesplan."position" TO salesplan_worker;

GRANT UPDATE(topic_id) ON TABLE salesplan."position" TO salesplan_worker;

GRANT UPDATE(leader_epoch) ON TABLE salesplan."position" TO salesplan_worker;

GRANT UPDATE(epoch_offset) ON TABLE salesplan."position" TO salesplan_worker;

GRANT SELECT,INSERT ON TABLE salesplan.position_past TO salesplan_worker;
GRANT SELECT ON TABLE salesplan.position_past TO salesplan_reader;

GRANT SELECT ON TABLE salesplan.pruned TO salesplan_reader;

GRANT SELECT,INSERT ON TABLE salesplan.slot TO salesplan_worker;
GRANT SELECT ON TABLE salesplan.slot TO salesplan_reader;

GRANT UPDATE(epoch) ON TABLE salesplan.slot TO salesplan_worker;

GRANT UPDATE(sequence) ON TABLE salesplan.slot TO salesplan_worker;

GRANT UPDATE(confirmed) ON TABLE salesplan.slot TO salesplan_worker;

GRANT UPDATE(lease_until) ON TABLE salesplan.slot TO salesplan_worker;

GRANT UPDATE(owner) ON TABLE salesplan.slot TO salesplan_worker;

GRANT UPDATE(marked_epoch) ON TABLE salesplan.slot TO salesplan_worker;

GRANT SELECT,INSERT ON TABLE salesplan.unmatched TO salesplan_worker;
GRANT SELECT ON TABLE salesplan.unmatched TO salesplan_reader;

GRANT UPDATE(times) ON TABLE salesplan.unmatched TO salesplan_worker;

GRANT UPDATE(last_seen_at) ON TABLE salesplan.unmatched TO salesplan_worker;

GRANT SELECT,INSERT,DELETE ON TABLE salesplan.waiting_lead TO salesplan_worker;
GRANT SELECT ON TABLE salesplan.waiting_lead TO salesplan_reader;

GRANT SELECT ON TABLE salesplan_api.assignments TO salesplan_reader;
GRANT SELECT ON TABLE salesplan_api.assignments TO salesplan_manager;
GRANT SELECT ON TABLE salesplan_api.assignments TO salesplan_console;

GRANT SELECT ON TABLE salesplan_api.plan_managers TO salesplan_reader;
GRANT SELECT ON TABLE salesplan_api.plan_managers TO salesplan_manager;
GRANT SELECT ON TABLE salesplan_api.plan_managers TO salesplan_console;

GRANT SELECT ON TABLE salesplan_api.plans TO salesplan_reader;
GRANT SELECT ON TABLE salesplan_api.plans TO salesplan_manager;
GRANT SELECT ON TABLE salesplan_api.plans TO salesplan_console;

GRANT SELECT ON TABLE salesplan_api.unmatched TO salesplan_reader;

GRANT SELECT ON TABLE salesplan_api.waiting TO salesplan_reader;
