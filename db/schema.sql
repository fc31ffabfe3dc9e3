CREATE SCHEMA salesplan;

CREATE SCHEMA salesplan_api;

CREATE TABLE salesplan.entry_secret (
    only_row boolean DEFAULT true NOT NULL,
    secret bytea NOT NULL,
    CONSTRAINT entry_secret_only_row_check CHECK (only_row)
);

CREATE FUNCTION salesplan.entry_seal(role text, account_id text, manager_id text) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER
    BEGIN ATOMIC
 SELECT encode(sha256((s.secret || sha256((s.secret || convert_to((json_build_array(entry_seal.role, entry_seal.account_id, entry_seal.manager_id, SESSION_USER, EXTRACT(epoch FROM transaction_timestamp())))::text, 'UTF8'::name))))), 'hex'::text) AS encode
    FROM salesplan.entry_secret s;
END;

CREATE TABLE salesplan.manager_login (
    login name NOT NULL,
    account_id text NOT NULL,
    manager_id text NOT NULL
);

CREATE FUNCTION salesplan.login_role() RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER
    BEGIN ATOMIC
 SELECT
         CASE
             WHEN (r.rolsuper OR r.rolbypassrls OR pg_has_role(r.oid, ( SELECT pg_namespace.nspowner
                FROM pg_namespace
               WHERE (pg_namespace.nspname = 'salesplan'::name)), 'member'::text) OR pg_has_role(r.oid, 'salesplan_worker'::name, 'member'::text) OR pg_has_role(r.oid, 'salesplan_reader'::name, 'member'::text) OR pg_has_role(r.oid, 'pg_read_all_data'::name, 'member'::text) OR pg_has_role(r.oid, 'pg_write_all_data'::name, 'member'::text) OR (pg_has_role(r.oid, 'salesplan_console'::name, 'member'::text) AND pg_has_role(r.oid, 'salesplan_head'::name, 'member'::text)) OR (EXISTS ( SELECT
                FROM salesplan.manager_login
               WHERE (manager_login.login = r.rolname)))) THEN NULL::text
             WHEN pg_has_role(r.oid, 'salesplan_console'::name, 'usage'::text) THEN 'manager'::text
             WHEN pg_has_role(r.oid, 'salesplan_head'::name, 'usage'::text) THEN 'head'::text
             ELSE NULL::text
         END AS "case"
    FROM pg_roles r
   WHERE (r.rolname = SESSION_USER);
END;

CREATE FUNCTION salesplan.entered() RETURNS TABLE(role text, account_id text, manager_id text)
    LANGUAGE sql STABLE SECURITY DEFINER
    BEGIN ATOMIC
 SELECT e.role,
     e.account_id,
     e.manager_id
    FROM ( SELECT salesplan.login_role() AS login_role,
             current_setting('salesplan.account_id'::text, true) AS current_setting,
             NULLIF(current_setting('salesplan.manager_id'::text, true), ''::text) AS "nullif") e(role, account_id, manager_id)
   WHERE ((e.role IS NOT NULL) AND (current_setting('salesplan.entry'::text, true) = salesplan.entry_seal(e.role, e.account_id, e.manager_id)));
END;

CREATE FUNCTION salesplan.entered_account() RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER
    BEGIN ATOMIC
 SELECT entered.account_id
    FROM salesplan.entered() entered(role, account_id, manager_id)
   WHERE (entered.role = 'head'::text);
END;

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

CREATE TABLE salesplan.person (
    user_id text NOT NULL,
    account_id text NOT NULL,
    role text NOT NULL,
    manager_id text,
    CONSTRAINT person_account_id_check CHECK (((char_length(account_id) >= 1) AND (char_length(account_id) <= 128))),
    CONSTRAINT person_check CHECK (((role = 'manager'::text) = (manager_id IS NOT NULL))),
    CONSTRAINT person_manager_id_check CHECK (((char_length(manager_id) >= 1) AND (char_length(manager_id) <= 128))),
    CONSTRAINT person_role_check CHECK ((role = ANY (ARRAY['head'::text, 'manager'::text]))),
    CONSTRAINT person_user_id_check CHECK (((char_length(user_id) >= 1) AND (char_length(user_id) <= 255)))
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
 SELECT entered.account_id,
    entered.manager_id
   FROM salesplan.entered() entered(role, account_id, manager_id)
  WHERE (entered.role = 'manager'::text)
UNION ALL
 SELECT current_setting('salesplan.account_id'::text, true) AS account_id,
    current_setting('salesplan.manager_id'::text, true) AS manager_id
  WHERE (pg_has_role(SESSION_USER, 'salesplan_console'::name, 'usage'::text) AND (NOT (EXISTS ( SELECT
           FROM salesplan.manager_login
          WHERE (manager_login.login = SESSION_USER)))) AND (NOT (EXISTS ( SELECT
           FROM salesplan.person
          WHERE (person.role = 'manager'::text)))));

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

CREATE TABLE salesplan.plan_book (
    only_row boolean DEFAULT true NOT NULL,
    revision bigint NOT NULL,
    CONSTRAINT plan_book_only_row_check CHECK (only_row)
);

CREATE FUNCTION salesplan.raise_revision() RETURNS TABLE(revision bigint, changed_at timestamp with time zone)
    LANGUAGE sql SECURITY DEFINER
    BEGIN ATOMIC
 UPDATE salesplan.plan_book b SET revision = (b.revision + 1)
   RETURNING b.revision,
     date_trunc('milliseconds'::text, clock_timestamp()) AS date_trunc;
END;

CREATE FUNCTION salesplan.sees_all() RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (pg_has_role(CURRENT_USER, 'salesplan_reader'::name, 'usage'::text) OR pg_has_role(CURRENT_USER, (SELECT pg_namespace.nspowner FROM pg_namespace WHERE (pg_namespace.nspname = 'salesplan'::name)), 'usage'::text));

CREATE FUNCTION salesplan.sees_all_accounts() RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (pg_has_role(CURRENT_USER, (SELECT pg_namespace.nspowner FROM pg_namespace WHERE (pg_namespace.nspname = 'salesplan'::name)), 'usage'::text) OR COALESCE(pg_has_role(CURRENT_USER, (to_regrole('salesplan_worker'::text))::oid, 'usage'::text), false) OR COALESCE(pg_has_role(CURRENT_USER, (to_regrole('salesplan_reader'::text))::oid, 'usage'::text), false));

CREATE SEQUENCE salesplan.arrival
    START WITH 1
    INCREMENT BY 65536
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER TABLE salesplan.plan ALTER COLUMN plan_no ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME salesplan.plan_plan_no_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
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

CREATE FUNCTION salesplan.sequences_behind() RETURNS TABLE(name text)
    LANGUAGE sql STABLE SECURITY DEFINER
    BEGIN ATOMIC
 WITH given AS (
          SELECT 'salesplan.plan_plan_no_seq'::text AS name,
             (s.last_value +
                 CASE
                     WHEN s.is_called THEN 1
                     ELSE 0
                 END) AS next,
             (( SELECT max(plan.plan_no) AS max
                    FROM salesplan.plan))::bigint AS reached
            FROM salesplan.plan_plan_no_seq s
         UNION ALL
          SELECT 'salesplan.arrival'::text,
             (s.last_value +
                 CASE
                     WHEN s.is_called THEN 65536
                     ELSE 0
                 END),
             GREATEST(( SELECT max(w.arrival) AS max
                    FROM (salesplan.plan p
                      CROSS JOIN LATERAL ( SELECT waiting_lead.arrival
                            FROM salesplan.waiting_lead
                           WHERE (waiting_lead.plan_no = p.plan_no)
                           ORDER BY waiting_lead.arrival DESC
                          LIMIT 1) w)), (( SELECT ((65536)::numeric * sum(slot.sequence))
                    FROM salesplan.slot))::bigint) AS "greatest"
            FROM salesplan.arrival s
         )
  SELECT g.name
    FROM given g
   WHERE (g.next <= g.reached);
END;

CREATE FUNCTION salesplan_api.account_page(of_plan text, of_manager text, below bigint, at_most integer) RETURNS TABLE(plan_seq bigint, lead_id text, manager_id text, reason text, plan_version integer, trigger_kind text, trigger_ref text, assigned_at timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    BEGIN ATOMIC
 SELECT a.plan_seq,
     a.lead_id,
     a.manager_id,
     a.reason,
     a.plan_version,
     a.trigger_kind,
     a.trigger_ref,
     a.assigned_at
    FROM ((salesplan.plan p
      CROSS JOIN LATERAL ( SELECT
                 CASE
                     WHEN (account_page.of_manager IS NULL) THEN c_1.last_seq
                     ELSE c_1.last_seqs[array_position(p.roster, account_page.of_manager)]
                 END AS latest
            FROM salesplan.plan_counter c_1
           WHERE (c_1.plan_no = p.plan_no)
           ORDER BY c_1.era DESC
          LIMIT 1) c)
      CROSS JOIN LATERAL ( SELECT a_1.plan_no,
             a_1.plan_seq,
             a_1.lead_id,
             a_1.manager_id,
             a_1.previous_manager_id,
             a_1.revision,
             a_1.reason,
             a_1.plan_version,
             a_1.trigger_kind,
             a_1.trigger_event_id,
             a_1.trigger_ref,
             a_1.source_topic,
             a_1.source_partition,
             a_1.source_offset,
             a_1.event_id,
             a_1.assigned_at,
             a_1.links,
             a_1.batch
            FROM salesplan.assignment a_1
           WHERE ((a_1.plan_no = p.plan_no) AND (a_1.plan_seq <= c.latest) AND (a_1.plan_seq < COALESCE(account_page.below, (c.latest + 1))) AND ((account_page.of_manager IS NULL) OR (a_1.manager_id = account_page.of_manager)))
           ORDER BY a_1.plan_seq DESC
          LIMIT LEAST(GREATEST(account_page.at_most, 0), 1000)) a)
   WHERE ((p.account_id = ( SELECT salesplan.entered_account() AS entered_account)) AND (p.plan_id = account_page.of_plan))
   ORDER BY a.plan_seq DESC;
END;

CREATE FUNCTION salesplan_api.account_seqs(of_plan text, before timestamp with time zone[]) RETURNS TABLE(before_time timestamp with time zone, plan_seq bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    BEGIN ATOMIC
 SELECT t.before_time,
     found.low
    FROM (((salesplan.plan p
      CROSS JOIN LATERAL ( SELECT c_1.last_seq
            FROM salesplan.plan_counter c_1
           WHERE (c_1.plan_no = p.plan_no)
           ORDER BY c_1.era DESC
          LIMIT 1) c)
      CROSS JOIN unnest(account_seqs.before) t(before_time))
      CROSS JOIN LATERAL ( WITH RECURSIVE halved(low, high) AS (
                  SELECT (0)::bigint AS int8,
                     c.last_seq
                 UNION ALL
                  SELECT
                         CASE
                             WHEN (m.assigned_at < t.before_time) THEN m.plan_seq
                             ELSE h_1.low
                         END AS low,
                         CASE
                             WHEN (m.assigned_at < t.before_time) THEN h_1.high
                             ELSE (m.plan_seq - 1)
                         END AS "case"
                    FROM (halved h_1
                      CROSS JOIN LATERAL ( SELECT a.plan_seq,
                             a.assigned_at
                            FROM salesplan.assignment a
                           WHERE ((a.plan_no = p.plan_no) AND (a.plan_seq = (((h_1.low + h_1.high) + 1) / 2)))
                          OFFSET 0) m)
                   WHERE (h_1.low < h_1.high)
                 )
          SELECT h.low
            FROM halved h
           WHERE (h.low = h.high)) found)
   WHERE ((p.account_id = ( SELECT salesplan.entered_account() AS entered_account)) AND (p.plan_id = account_seqs.of_plan));
END;

CREATE FUNCTION salesplan_api.accounts_of(who text) RETURNS TABLE(account_id text)
    LANGUAGE sql STABLE SECURITY DEFINER
    BEGIN ATOMIC
 SELECT p.account_id
    FROM salesplan.person p
   WHERE ((p.user_id = accounts_of.who) AND (p.role = salesplan.login_role()))
   ORDER BY p.account_id;
END;

CREATE FUNCTION salesplan_api.enter(who text, of_account text) RETURNS TABLE(role text, manager_id text, manager_name text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
    before record;
    found_person record;
begin
    select * into before from salesplan.entered();
    select p.role, p.account_id, p.manager_id into found_person
    from salesplan.person p
    where p.user_id = who and p.account_id = of_account and p.role = salesplan.login_role();
    if before.role is not null and before is distinct from found_person then
        raise insufficient_privilege using message = 'this transaction is another person''s: enter once, first';
    end if;
    perform set_config('salesplan.account_id', coalesce(found_person.account_id, ''), true),
            set_config('salesplan.manager_id', coalesce(found_person.manager_id, ''), true),
            set_config('salesplan.entry', coalesce(case when found_person.role is not null then
                salesplan.entry_seal(found_person.role, found_person.account_id, found_person.manager_id) end, ''), true);
    return query
    select found_person.role, found_person.manager_id, n.name
    from (select) as one
    left join salesplan.display_name n
        on n.account_id = found_person.account_id and n.kind = 'manager' and n.id = found_person.manager_id
    where found_person.role is not null;
end $$;

CREATE TABLE salesplan.contact (
    account_id text NOT NULL,
    lead_id text NOT NULL,
    manager_id text NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    arrival bigint NOT NULL
);

CREATE TABLE salesplan.display_name (
    account_id text NOT NULL,
    kind text NOT NULL,
    id text NOT NULL,
    name text NOT NULL,
    CONSTRAINT display_name_id_check CHECK (((char_length(id) >= 1) AND (char_length(id) <= 128))),
    CONSTRAINT display_name_kind_check CHECK ((kind = ANY (ARRAY['manager'::text, 'lgt'::text, 'offer'::text]))),
    CONSTRAINT display_name_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 120)))
);

CREATE FUNCTION salesplan_api.own_lead(of_lead text) RETURNS TABLE(plan_id text, plan_name text, assigned_at timestamp with time zone, reason text, contacted_at timestamp with time zone, trigger_kind text, trigger_ref text, trigger_name text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    BEGIN ATOMIC
 SELECT p.plan_id,
     last.name,
     a.assigned_at,
     a.reason,
     contacted.occurred_at,
     a.trigger_kind,
     a.trigger_ref,
     n.name
    FROM (((((salesplan.viewer v
      JOIN salesplan.assignment a ON (((a.lead_id = own_lead.of_lead) AND (a.manager_id = v.manager_id))))
      JOIN salesplan.plan p ON (((p.plan_no = a.plan_no) AND (p.account_id = v.account_id))))
      CROSS JOIN LATERAL ( SELECT pv.name
            FROM salesplan.plan_version pv
           WHERE ((pv.plan_no = p.plan_no) AND (v.manager_id = ANY (pv.managers)))
           ORDER BY pv.version DESC
          LIMIT 1) last)
      LEFT JOIN salesplan.contact contacted ON (((contacted.account_id = p.account_id) AND (contacted.lead_id = a.lead_id) AND (contacted.manager_id = v.manager_id))))
      LEFT JOIN salesplan.display_name n ON (((n.account_id = p.account_id) AND (n.id = a.trigger_ref) AND (n.kind =
         CASE a.trigger_kind
             WHEN 'subscription'::text THEN 'lgt'::text
             ELSE 'offer'::text
         END))))
   ORDER BY p.plan_id;
END;

CREATE FUNCTION salesplan_api.own_overview() RETURNS TABLE(plan_id text, plan_name text, label_text text, label_color text, state text, leads integer, potential_usd numeric)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    BEGIN ATOMIC
 SELECT p.plan_id,
     last.name,
     last.label_text,
     last.label_color,
         CASE
             WHEN (last.version < p.version) THEN 'removed'::text
             WHEN p.archived THEN 'archived'::text
             WHEN last.active[array_position(last.managers, v.manager_id)] THEN 'active'::text
             ELSE 'paused'::text
         END AS "case",
     c.leads,
     round(((((c.leads)::numeric * last.conversion_percent) / (100)::numeric) * last.average_sale), 2) AS round
    FROM (((salesplan.viewer v
      JOIN salesplan.plan p ON (((p.account_id = v.account_id) AND (v.manager_id = ANY (p.roster)))))
      CROSS JOIN LATERAL ( SELECT c_1.assigned[array_position(p.roster, v.manager_id)] AS leads
            FROM salesplan.plan_counter c_1
           WHERE (c_1.plan_no = p.plan_no)
           ORDER BY c_1.era DESC
          LIMIT 1) c)
      CROSS JOIN LATERAL ( SELECT pv.plan_no,
             pv.version,
             pv.name,
             pv.conversion_percent,
             pv.average_sale,
             pv.label_text,
             pv.label_color,
             pv.mode,
             pv.managers,
             pv.active,
             pv.lgts,
             pv.ordered,
             pv.payment_failed,
             pv.paid,
             pv.archived,
             pv.changed_by,
             pv.changed_at,
             pv.after_seq
            FROM salesplan.plan_version pv
           WHERE ((pv.plan_no = p.plan_no) AND (v.manager_id = ANY (pv.managers)))
           ORDER BY pv.version DESC
          LIMIT 1) last)
   ORDER BY p.plan_id;
END;

CREATE FUNCTION salesplan_api.own_page(of_plan text, below text, at_most integer) RETURNS TABLE(lead_id text, assigned_at timestamp with time zone, reason text, contacted_at timestamp with time zone, trigger_kind text, trigger_ref text, trigger_name text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    BEGIN ATOMIC
 SELECT a.lead_id,
     a.assigned_at,
     a.reason,
     contacted.occurred_at,
     a.trigger_kind,
     a.trigger_ref,
     n.name
    FROM (((((salesplan.viewer v
      JOIN salesplan.plan p ON (((p.account_id = v.account_id) AND (p.plan_id = own_page.of_plan))))
      CROSS JOIN LATERAL ( SELECT c_1.last_seqs[array_position(p.roster, v.manager_id)] AS latest,
             c_1.assigned[array_position(p.roster, v.manager_id)] AS leads
            FROM salesplan.plan_counter c_1
           WHERE (c_1.plan_no = p.plan_no)
           ORDER BY c_1.era DESC
          LIMIT 1) c)
      CROSS JOIN LATERAL ( SELECT a_1.plan_no,
             a_1.plan_seq,
             a_1.lead_id,
             a_1.manager_id,
             a_1.previous_manager_id,
             a_1.revision,
             a_1.reason,
             a_1.plan_version,
             a_1.trigger_kind,
             a_1.trigger_event_id,
             a_1.trigger_ref,
             a_1.source_topic,
             a_1.source_partition,
             a_1.source_offset,
             a_1.event_id,
             a_1.assigned_at,
             a_1.links,
             a_1.batch
            FROM salesplan.assignment a_1
           WHERE ((a_1.plan_no = p.plan_no) AND (a_1.manager_id = v.manager_id) AND (a_1.plan_seq <=
                 CASE
                     WHEN (own_page.below IS NULL) THEN c.latest
                     ELSE ( SELECT (b.plan_seq - 1)
                        FROM salesplan.assignment b
                       WHERE ((b.lead_id = own_page.below) AND (b.plan_no = p.plan_no) AND (b.manager_id = v.manager_id)))
                 END))
           ORDER BY a_1.plan_seq DESC
          LIMIT LEAST(GREATEST(own_page.at_most, 0), 200, c.leads)) a)
      LEFT JOIN salesplan.contact contacted ON (((contacted.account_id = p.account_id) AND (contacted.lead_id = a.lead_id) AND (contacted.manager_id = v.manager_id))))
      LEFT JOIN salesplan.display_name n ON (((n.account_id = p.account_id) AND (n.id = a.trigger_ref) AND (n.kind =
         CASE a.trigger_kind
             WHEN 'subscription'::text THEN 'lgt'::text
             ELSE 'offer'::text
         END))))
   ORDER BY a.plan_seq DESC;
END;

CREATE TABLE salesplan.account (
    account_id text NOT NULL,
    CONSTRAINT account_account_id_check CHECK (((char_length(account_id) >= 1) AND (char_length(account_id) <= 128)))
);

CREATE VIEW salesplan.heads_assignment WITH (security_barrier='true') AS
 SELECT a.plan_no,
    a.plan_seq,
    a.lead_id,
    a.manager_id,
    a.previous_manager_id,
    a.revision,
    a.reason,
    a.plan_version,
    a.trigger_kind,
    a.trigger_event_id,
    a.trigger_ref,
    a.source_topic,
    a.source_partition,
    a.source_offset,
    a.event_id,
    a.assigned_at,
    a.links,
    a.batch
   FROM (salesplan.plan p
     JOIN salesplan.assignment a ON ((a.plan_no = p.plan_no)))
  WHERE (p.account_id = ( SELECT salesplan.entered_account() AS entered_account));

CREATE VIEW salesplan.account_assignment WITH (security_barrier='true') AS
 SELECT assignment.plan_no,
    assignment.plan_seq,
    assignment.lead_id,
    assignment.manager_id,
    assignment.previous_manager_id,
    assignment.revision,
    assignment.reason,
    assignment.plan_version,
    assignment.trigger_kind,
    assignment.trigger_event_id,
    assignment.trigger_ref,
    assignment.source_topic,
    assignment.source_partition,
    assignment.source_offset,
    assignment.event_id,
    assignment.assigned_at,
    assignment.links,
    assignment.batch
   FROM salesplan.assignment
  WHERE salesplan.sees_all_accounts()
UNION ALL
 SELECT heads_assignment.plan_no,
    heads_assignment.plan_seq,
    heads_assignment.lead_id,
    heads_assignment.manager_id,
    heads_assignment.previous_manager_id,
    heads_assignment.revision,
    heads_assignment.reason,
    heads_assignment.plan_version,
    heads_assignment.trigger_kind,
    heads_assignment.trigger_event_id,
    heads_assignment.trigger_ref,
    heads_assignment.source_topic,
    heads_assignment.source_partition,
    heads_assignment.source_offset,
    heads_assignment.event_id,
    heads_assignment.assigned_at,
    heads_assignment.links,
    heads_assignment.batch
   FROM salesplan.heads_assignment
  WHERE (NOT salesplan.sees_all_accounts());

CREATE VIEW salesplan.heads_contact WITH (security_barrier='true') AS
 SELECT account_id,
    lead_id,
    manager_id,
    occurred_at,
    arrival
   FROM salesplan.contact
  WHERE (account_id = ( SELECT salesplan.entered_account() AS entered_account));

CREATE VIEW salesplan.account_contact WITH (security_barrier='true') AS
 SELECT contact.account_id,
    contact.lead_id,
    contact.manager_id,
    contact.occurred_at,
    contact.arrival
   FROM salesplan.contact
  WHERE salesplan.sees_all_accounts()
UNION ALL
 SELECT heads_contact.account_id,
    heads_contact.lead_id,
    heads_contact.manager_id,
    heads_contact.occurred_at,
    heads_contact.arrival
   FROM salesplan.heads_contact
  WHERE (NOT salesplan.sees_all_accounts());

CREATE TABLE salesplan.unmatched (
    slot_number integer NOT NULL,
    account_id text NOT NULL,
    trigger_kind text NOT NULL,
    ref text NOT NULL,
    times bigint NOT NULL,
    last_seen_at timestamp with time zone NOT NULL
)
WITH (fillfactor='70');

CREATE VIEW salesplan.heads_unmatched WITH (security_barrier='true') AS
 SELECT slot_number,
    account_id,
    trigger_kind,
    ref,
    times,
    last_seen_at
   FROM salesplan.unmatched
  WHERE (account_id = ( SELECT salesplan.entered_account() AS entered_account));

CREATE VIEW salesplan.account_unmatched WITH (security_barrier='true') AS
 SELECT unmatched.slot_number,
    unmatched.account_id,
    unmatched.trigger_kind,
    unmatched.ref,
    unmatched.times,
    unmatched.last_seen_at
   FROM salesplan.unmatched
  WHERE salesplan.sees_all_accounts()
UNION ALL
 SELECT heads_unmatched.slot_number,
    heads_unmatched.account_id,
    heads_unmatched.trigger_kind,
    heads_unmatched.ref,
    heads_unmatched.times,
    heads_unmatched.last_seen_at
   FROM salesplan.heads_unmatched
  WHERE (NOT salesplan.sees_all_accounts());

CREATE VIEW salesplan.heads_waiting_lead WITH (security_barrier='true') AS
 SELECT w.plan_no,
    w.arrival,
    w.lead_id,
    w.since,
    w.trigger_kind,
    w.trigger_event_id,
    w.trigger_ref,
    w.source_topic,
    w.source_partition,
    w.source_offset,
    w.traceparent
   FROM (salesplan.plan p
     JOIN salesplan.waiting_lead w ON ((w.plan_no = p.plan_no)))
  WHERE (p.account_id = ( SELECT salesplan.entered_account() AS entered_account));

CREATE VIEW salesplan.account_waiting_lead WITH (security_barrier='true') AS
 SELECT waiting_lead.plan_no,
    waiting_lead.arrival,
    waiting_lead.lead_id,
    waiting_lead.since,
    waiting_lead.trigger_kind,
    waiting_lead.trigger_event_id,
    waiting_lead.trigger_ref,
    waiting_lead.source_topic,
    waiting_lead.source_partition,
    waiting_lead.source_offset,
    waiting_lead.traceparent
   FROM salesplan.waiting_lead
  WHERE salesplan.sees_all_accounts()
UNION ALL
 SELECT heads_waiting_lead.plan_no,
    heads_waiting_lead.arrival,
    heads_waiting_lead.lead_id,
    heads_waiting_lead.since,
    heads_waiting_lead.trigger_kind,
    heads_waiting_lead.trigger_event_id,
    heads_waiting_lead.trigger_ref,
    heads_waiting_lead.source_topic,
    heads_waiting_lead.source_partition,
    heads_waiting_lead.source_offset,
    heads_waiting_lead.traceparent
   FROM salesplan.heads_waiting_lead
  WHERE (NOT salesplan.sees_all_accounts());

CREATE TABLE salesplan.alembic_version (
    version_num character varying(32) NOT NULL
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

CREATE TABLE salesplan.plan_lgt (
    account_id text NOT NULL,
    lgt_id text NOT NULL,
    plan_no integer NOT NULL
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

ALTER TABLE ONLY salesplan.display_name
    ADD CONSTRAINT display_name_pkey PRIMARY KEY (account_id, kind, id);

ALTER TABLE ONLY salesplan.entry_secret
    ADD CONSTRAINT entry_secret_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY salesplan.erasure
    ADD CONSTRAINT erasure_pkey PRIMARY KEY (erased_id);

ALTER TABLE ONLY salesplan.manager_login
    ADD CONSTRAINT manager_login_pkey PRIMARY KEY (login);

ALTER TABLE ONLY salesplan.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (group_id, slot_number, sequence);

ALTER TABLE ONLY salesplan.person
    ADD CONSTRAINT person_pkey PRIMARY KEY (user_id, account_id);

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

ALTER TABLE salesplan.account ENABLE ROW LEVEL SECURITY;

ALTER TABLE salesplan.display_name ENABLE ROW LEVEL SECURITY;

CREATE POLICY every_account ON salesplan.account USING (true);

CREATE POLICY every_counter ON salesplan.plan_counter USING (true);

CREATE POLICY every_lgt ON salesplan.plan_lgt USING (true);

CREATE POLICY every_name ON salesplan.display_name USING (true);

CREATE POLICY every_plan ON salesplan.plan USING (true);

CREATE POLICY every_version ON salesplan.plan_version USING (true);

CREATE POLICY heads_account ON salesplan.account AS RESTRICTIVE TO salesplan_head USING ((account_id = ( SELECT salesplan.entered_account() AS entered_account)));

CREATE POLICY heads_counters ON salesplan.plan_counter AS RESTRICTIVE TO salesplan_head USING ((plan_no IN ( SELECT p.plan_no
   FROM salesplan.plan p)));

CREATE POLICY heads_lgts ON salesplan.plan_lgt AS RESTRICTIVE TO salesplan_head USING (((account_id = ( SELECT salesplan.entered_account() AS entered_account)) AND (plan_no IN ( SELECT p.plan_no
   FROM salesplan.plan p))));

CREATE POLICY heads_names ON salesplan.display_name AS RESTRICTIVE TO salesplan_head USING ((account_id = ( SELECT salesplan.entered_account() AS entered_account)));

CREATE POLICY heads_plans ON salesplan.plan AS RESTRICTIVE TO salesplan_head USING ((account_id = ( SELECT salesplan.entered_account() AS entered_account)));

CREATE POLICY heads_versions ON salesplan.plan_version AS RESTRICTIVE TO salesplan_head USING ((plan_no IN ( SELECT p.plan_no
   FROM salesplan.plan p)));

ALTER TABLE salesplan.plan ENABLE ROW LEVEL SECURITY;

ALTER TABLE salesplan.plan_counter ENABLE ROW LEVEL SECURITY;

ALTER TABLE salesplan.plan_lgt ENABLE ROW LEVEL SECURITY;

ALTER TABLE salesplan.plan_version ENABLE ROW LEVEL SECURITY;

GRANT USAGE ON SCHEMA salesplan TO salesplan_worker;
GRANT USAGE ON SCHEMA salesplan TO salesplan_reader;
GRANT USAGE ON SCHEMA salesplan TO salesplan_head;

GRANT USAGE ON SCHEMA salesplan_api TO salesplan_reader;
GRANT USAGE ON SCHEMA salesplan_api TO salesplan_manager;
GRANT USAGE ON SCHEMA salesplan_api TO salesplan_console;
GRANT USAGE ON SCHEMA salesplan_api TO salesplan_head;

REVOKE ALL ON FUNCTION salesplan.entry_seal(role text, account_id text, manager_id text) FROM PUBLIC;

GRANT SELECT ON TABLE salesplan.manager_login TO salesplan_reader;

REVOKE ALL ON FUNCTION salesplan.login_role() FROM PUBLIC;

REVOKE ALL ON FUNCTION salesplan.entered() FROM PUBLIC;

REVOKE ALL ON FUNCTION salesplan.entered_account() FROM PUBLIC;
GRANT ALL ON FUNCTION salesplan.entered_account() TO salesplan_head;

GRANT SELECT,INSERT ON TABLE salesplan.assignment TO salesplan_worker;
GRANT SELECT ON TABLE salesplan.assignment TO salesplan_reader;

GRANT SELECT ON TABLE salesplan.person TO salesplan_reader;

GRANT SELECT,INSERT ON TABLE salesplan.plan TO salesplan_worker;
GRANT SELECT ON TABLE salesplan.plan TO salesplan_reader;
GRANT SELECT ON TABLE salesplan.plan TO salesplan_head;

GRANT INSERT(account_id) ON TABLE salesplan.plan TO salesplan_head;

GRANT INSERT(plan_id) ON TABLE salesplan.plan TO salesplan_head;

GRANT UPDATE(version) ON TABLE salesplan.plan TO salesplan_worker;
GRANT INSERT(version),UPDATE(version) ON TABLE salesplan.plan TO salesplan_head;

GRANT UPDATE(archived) ON TABLE salesplan.plan TO salesplan_worker;
GRANT INSERT(archived),UPDATE(archived) ON TABLE salesplan.plan TO salesplan_head;

GRANT UPDATE(roster) ON TABLE salesplan.plan TO salesplan_worker;
GRANT INSERT(roster),UPDATE(roster) ON TABLE salesplan.plan TO salesplan_head;

GRANT UPDATE(book_revision) ON TABLE salesplan.plan TO salesplan_worker;
GRANT INSERT(book_revision),UPDATE(book_revision) ON TABLE salesplan.plan TO salesplan_head;

REVOKE ALL ON FUNCTION salesplan.own_assignments() FROM PUBLIC;
GRANT ALL ON FUNCTION salesplan.own_assignments() TO salesplan_manager;
GRANT ALL ON FUNCTION salesplan.own_assignments() TO salesplan_console;

GRANT SELECT,INSERT ON TABLE salesplan.plan_counter TO salesplan_worker;
GRANT SELECT ON TABLE salesplan.plan_counter TO salesplan_reader;
GRANT SELECT ON TABLE salesplan.plan_counter TO salesplan_head;

GRANT INSERT(plan_no) ON TABLE salesplan.plan_counter TO salesplan_head;

GRANT UPDATE(last_seq) ON TABLE salesplan.plan_counter TO salesplan_worker;

GRANT UPDATE(waiting) ON TABLE salesplan.plan_counter TO salesplan_worker;

GRANT UPDATE(assigned) ON TABLE salesplan.plan_counter TO salesplan_worker;
GRANT INSERT(assigned),UPDATE(assigned) ON TABLE salesplan.plan_counter TO salesplan_head;

GRANT UPDATE(last_seqs) ON TABLE salesplan.plan_counter TO salesplan_worker;
GRANT INSERT(last_seqs),UPDATE(last_seqs) ON TABLE salesplan.plan_counter TO salesplan_head;

GRANT SELECT,INSERT ON TABLE salesplan.plan_version TO salesplan_worker;
GRANT SELECT ON TABLE salesplan.plan_version TO salesplan_reader;
GRANT SELECT,INSERT ON TABLE salesplan.plan_version TO salesplan_head;

REVOKE ALL ON FUNCTION salesplan.own_plan_managers() FROM PUBLIC;
GRANT ALL ON FUNCTION salesplan.own_plan_managers() TO salesplan_manager;
GRANT ALL ON FUNCTION salesplan.own_plan_managers() TO salesplan_console;

REVOKE ALL ON FUNCTION salesplan.own_plans() FROM PUBLIC;
GRANT ALL ON FUNCTION salesplan.own_plans() TO salesplan_manager;
GRANT ALL ON FUNCTION salesplan.own_plans() TO salesplan_console;

GRANT SELECT ON TABLE salesplan.plan_book TO salesplan_worker;
GRANT SELECT ON TABLE salesplan.plan_book TO salesplan_reader;

GRANT UPDATE(revision) ON TABLE salesplan.plan_book TO salesplan_worker;

REVOKE ALL ON FUNCTION salesplan.raise_revision() FROM PUBLIC;
GRANT ALL ON FUNCTION salesplan.raise_revision() TO salesplan_worker;
GRANT ALL ON FUNCTION salesplan.raise_revision() TO salesplan_head;

GRANT SELECT,USAGE ON SEQUENCE salesplan.arrival TO salesplan_worker;
GRANT SELECT ON SEQUENCE salesplan.arrival TO salesplan_reader;

GRANT SELECT ON SEQUENCE salesplan.plan_plan_no_seq TO salesplan_worker;
GRANT SELECT ON SEQUENCE salesplan.plan_plan_no_seq TO salesplan_reader;

GRANT SELECT,INSERT ON TABLE salesplan.slot TO salesplan_worker;
GRANT SELECT ON TABLE salesplan.slot TO salesplan_reader;

GRANT UPDATE(epoch) ON TABLE salesplan.slot TO salesplan_worker;

GRANT UPDATE(sequence) ON TABLE salesplan.slot TO salesplan_worker;

GRANT UPDATE(confirmed) ON TABLE salesplan.slot TO salesplan_worker;

GRANT UPDATE(lease_until) ON TABLE salesplan.slot TO salesplan_worker;

GRANT UPDATE(owner) ON TABLE salesplan.slot TO salesplan_worker;

GRANT UPDATE(marked_epoch) ON TABLE salesplan.slot TO salesplan_worker;

GRANT SELECT,INSERT,DELETE ON TABLE salesplan.waiting_lead TO salesplan_worker;
GRANT SELECT ON TABLE salesplan.waiting_lead TO salesplan_reader;

REVOKE ALL ON FUNCTION salesplan.sequences_behind() FROM PUBLIC;
GRANT ALL ON FUNCTION salesplan.sequences_behind() TO salesplan_worker;
GRANT ALL ON FUNCTION salesplan.sequences_behind() TO salesplan_head;

REVOKE ALL ON FUNCTION salesplan_api.account_page(of_plan text, of_manager text, below bigint, at_most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION salesplan_api.account_page(of_plan text, of_manager text, below bigint, at_most integer) TO salesplan_head;

REVOKE ALL ON FUNCTION salesplan_api.account_seqs(of_plan text, before timestamp with time zone[]) FROM PUBLIC;
GRANT ALL ON FUNCTION salesplan_api.account_seqs(of_plan text, before timestamp with time zone[]) TO salesplan_head;

REVOKE ALL ON FUNCTION salesplan_api.accounts_of(who text) FROM PUBLIC;
GRANT ALL ON FUNCTION salesplan_api.accounts_of(who text) TO salesplan_console;
GRANT ALL ON FUNCTION salesplan_api.accounts_of(who text) TO salesplan_head;

REVOKE ALL ON FUNCTION salesplan_api.enter(who text, of_account text) FROM PUBLIC;
GRANT ALL ON FUNCTION salesplan_api.enter(who text, of_account text) TO salesplan_console;
GRANT ALL ON FUNCTION salesplan_api.enter(who text, of_account text) TO salesplan_head;

GRANT SELECT,INSERT ON TABLE salesplan.contact TO salesplan_worker;
GRANT SELECT ON TABLE salesplan.contact TO salesplan_reader;

GRANT UPDATE(occurred_at) ON TABLE salesplan.contact TO salesplan_worker;

GRANT UPDATE(arrival) ON TABLE salesplan.contact TO salesplan_worker;

GRANT SELECT ON TABLE salesplan.display_name TO salesplan_head;
GRANT SELECT,INSERT,DELETE ON TABLE salesplan.display_name TO salesplan_worker;
GRANT SELECT ON TABLE salesplan.display_name TO salesplan_reader;

GRANT UPDATE(name) ON TABLE salesplan.display_name TO salesplan_worker;

REVOKE ALL ON FUNCTION salesplan_api.own_lead(of_lead text) FROM PUBLIC;
GRANT ALL ON FUNCTION salesplan_api.own_lead(of_lead text) TO salesplan_manager;
GRANT ALL ON FUNCTION salesplan_api.own_lead(of_lead text) TO salesplan_console;

REVOKE ALL ON FUNCTION salesplan_api.own_overview() FROM PUBLIC;
GRANT ALL ON FUNCTION salesplan_api.own_overview() TO salesplan_manager;
GRANT ALL ON FUNCTION salesplan_api.own_overview() TO salesplan_console;

REVOKE ALL ON FUNCTION salesplan_api.own_page(of_plan text, below text, at_most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION salesplan_api.own_page(of_plan text, below text, at_most integer) TO salesplan_manager;
GRANT ALL ON FUNCTION salesplan_api.own_page(of_plan text, below text, at_most integer) TO salesplan_console;

GRANT SELECT,INSERT ON TABLE salesplan.account TO salesplan_worker;
GRANT SELECT ON TABLE salesplan.account TO salesplan_reader;
GRANT SELECT,INSERT ON TABLE salesplan.account TO salesplan_head;

GRANT UPDATE(account_id) ON TABLE salesplan.account TO salesplan_worker;
GRANT UPDATE(account_id) ON TABLE salesplan.account TO salesplan_head;

GRANT SELECT ON TABLE salesplan.account_assignment TO salesplan_head;
GRANT SELECT ON TABLE salesplan.account_assignment TO salesplan_worker;
GRANT SELECT ON TABLE salesplan.account_assignment TO salesplan_reader;

GRANT SELECT ON TABLE salesplan.account_contact TO salesplan_head;
GRANT SELECT ON TABLE salesplan.account_contact TO salesplan_worker;
GRANT SELECT ON TABLE salesplan.account_contact TO salesplan_reader;

GRANT SELECT,INSERT ON TABLE salesplan.unmatched TO salesplan_worker;
GRANT SELECT ON TABLE salesplan.unmatched TO salesplan_reader;

GRANT UPDATE(times) ON TABLE salesplan.unmatched TO salesplan_worker;

GRANT UPDATE(last_seen_at) ON TABLE salesplan.unmatched TO salesplan_worker;

GRANT SELECT ON TABLE salesplan.account_unmatched TO salesplan_head;
GRANT SELECT ON TABLE salesplan.account_unmatched TO salesplan_worker;
GRANT SELECT ON TABLE salesplan.account_unmatched TO salesplan_reader;

GRANT SELECT ON TABLE salesplan.account_waiting_lead TO salesplan_head;
GRANT SELECT ON TABLE salesplan.account_waiting_lead TO salesplan_worker;
GRANT SELECT ON TABLE salesplan.account_waiting_lead TO salesplan_reader;

GRANT SELECT ON TABLE salesplan.alembic_version TO salesplan_reader;
GRANT SELECT ON TABLE salesplan.alembic_version TO salesplan_worker;

GRANT SELECT ON TABLE salesplan.erasure TO salesplan_reader;

GRANT SELECT,INSERT,DELETE ON TABLE salesplan.outbox TO salesplan_worker;
GRANT SELECT ON TABLE salesplan.outbox TO salesplan_reader;

GRANT SELECT,INSERT,DELETE ON TABLE salesplan.plan_lgt TO salesplan_worker;
GRANT SELECT ON TABLE salesplan.plan_lgt TO salesplan_reader;
GRANT SELECT,INSERT,DELETE ON TABLE salesplan.plan_lgt TO salesplan_head;

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
