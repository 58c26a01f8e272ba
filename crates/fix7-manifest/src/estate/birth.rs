//! The birth system: what every entity of a governed collection is registered by.
//!
//! For: `birth_registry`, the gateway that fills it, and the lookup tables around it. Not for: the
//! 166 triggers, which stand with their collections. The fact to know: the gateway is DO_NOT_TOUCH: it
//! is SECURITY INVOKER, owned by `directus`, and no package owns, moves or changes it.

use manifest_model::estate::{Routine, RoutineKind, Table};

/// The registry and its lookups, in creation order.
pub const TABLES: &[Table] = &[
    Table {
        identity: "public.birth_registry",
        lines: &[
            "id serial not null",
            "status character varying(255) default 'published'::character varying not null",
            "sort integer",
            "user_created uuid",
            "date_created timestamp with time zone default CURRENT_TIMESTAMP",
            "user_updated uuid",
            "date_updated timestamp with time zone",
            "entity_code character varying(255) not null",
            "collection_name character varying(255) not null",
            "species_code character varying(255)",
            "composition_level character varying(255)",
            "dot_origin character varying(255)",
            "born_at timestamp with time zone default now()",
            "governance_role character varying(255)",
            "inspect_pen timestamp with time zone",
            "inspect_stamp timestamp with time zone",
            "inspect_gate timestamp with time zone",
            "certified boolean default false not null",
            "certified_at timestamp with time zone",
            "constraint birth_registry_pkey primary key (id)",
            "constraint birth_registry_entity_code_key unique (entity_code)",
        ],
        comment: "Sổ khai sinh: one row for each entity born in a governed collection.",
    },
    Table {
        identity: "public.collection_registry",
        lines: &[
            "id serial not null",
            "collection_name character varying(255) not null",
            "code character varying(255)",
            "name character varying(255)",
            "governance_role character varying(255) default 'governed'::character varying not null",
            "date_created timestamp with time zone default CURRENT_TIMESTAMP",
            "constraint collection_registry_pkey primary key (id)",
            "constraint collection_registry_collection_name_key unique (collection_name)",
            "constraint collection_registry_governance_role_check check (governance_role in ('governed', 'observed', 'excluded'))",
        ],
        comment: "Which collections are governed, observed or excluded; read by the birth gateway.",
    },
    Table {
        identity: "public.entity_species",
        lines: &[
            "id serial not null",
            "code character varying(255) not null",
            "name character varying(255) not null",
            "composition_level character varying(255) not null",
            "date_created timestamp with time zone default CURRENT_TIMESTAMP",
            "constraint entity_species_pkey primary key (id)",
            "constraint entity_species_code_key unique (code)",
            "constraint entity_species_composition_level_check check (composition_level in ('atom', 'molecule', 'compound', 'material', 'product'))",
        ],
        comment: "Loài: the species of entities, each on one composition level.",
    },
    Table {
        identity: "public.species_collection_map",
        lines: &[
            "id serial not null",
            "species_code character varying(255) not null",
            "collection_name character varying(255) not null",
            "is_primary boolean default true not null",
            "constraint species_collection_map_pkey primary key (id)",
            "constraint species_collection_map_collection_name_species_code_key unique (collection_name, species_code)",
            "constraint species_collection_map_species_code_fkey foreign key (species_code) references public.entity_species (code)",
        ],
        comment: "Which species a collection holds; read by the birth gateway.",
    },
];

/// Indexes that the registry is searched by.
pub const INDEXES: &str = "create index idx_birth_registry_uncertified on public.birth_registry (born_at) where (certified = false);
create index idx_birth_registry_species_governed on public.birth_registry (species_code) where ((governance_role)::text = 'governed'::text);
create index idx_birth_registry_collection on public.birth_registry (collection_name);";

/// The gateway, the certifier, and the helpers that the legacy path shares with them.
pub const ROUTINES: &[Routine] = &[
    Routine {
        identity: "public.fn_normalize_code(text)",
        arguments: "raw_code text",
        kind: RoutineKind::Function("text"),
        language: "sql",
        properties: "immutable",
        body: "select nullif(upper(btrim(raw_code)), '')",
    },
    Routine {
        identity: "public.fn_species_of_collection(text)",
        arguments: "collection text",
        kind: RoutineKind::Function("text"),
        language: "sql",
        properties: "stable",
        body: "select m.species_code
  from public.species_collection_map m
 where m.collection_name = collection
   and m.is_primary
 order by m.id
 limit 1",
    },
    Routine {
        identity: "public.fn_birth_registry_auto()",
        arguments: "",
        kind: RoutineKind::Trigger,
        language: "plpgsql",
        properties: "",
        body: "declare
  code_column text := coalesce(tg_argv[0], 'code');
  entity text := to_jsonb(new) ->> code_column;
  species text;
  level text;
  role text;
begin
  -- An entity without a code is a draft: it is born when it gets one.
  if entity is null then
    return null;
  end if;
  if exists (select from public.birth_registry b where b.entity_code = entity) then
    return null;
  end if;

  species := public.fn_species_of_collection(tg_table_name::text);
  select s.composition_level into level from public.entity_species s where s.code = species;
  select r.governance_role into role from public.collection_registry r where r.collection_name = tg_table_name::text;

  insert into public.birth_registry
    (entity_code, collection_name, species_code, composition_level, dot_origin, governance_role)
  values
    (entity, tg_table_name, species, level, coalesce(nullif(current_setting('birth.dot_origin', true), ''), 'TRIGGER'), coalesce(role, 'observed'))
  on conflict (entity_code) do nothing;
  return null;
end",
    },
    Routine {
        identity: "public.fn_birth_auto_certify()",
        arguments: "",
        kind: RoutineKind::Trigger,
        language: "plpgsql",
        properties: "",
        body: "begin
  if new.inspect_pen is not null
     and new.inspect_stamp is not null
     and new.inspect_gate is not null
     and not new.certified then
    new.certified := true;
    new.certified_at := now();
  end if;
  return new;
end",
    },
    Routine {
        identity: "public.fn_touch_date_updated()",
        arguments: "",
        kind: RoutineKind::Trigger,
        language: "plpgsql",
        properties: "",
        body: "begin
  new.date_updated := now();
  return new;
end",
    },
    Routine {
        identity: "public.fn_log_issue(text,text)",
        arguments: "issue_code text, issue_title text",
        kind: RoutineKind::Function("void"),
        language: "plpgsql",
        properties: "",
        body: "begin
  insert into public.system_issues (code, name, status)
  values (public.fn_normalize_code(issue_code), issue_title, 'draft');
end",
    },
    Routine {
        identity: "public.fn_attach_birth_trigger()",
        arguments: "",
        kind: RoutineKind::Trigger,
        language: "plpgsql",
        properties: "",
        body: "declare
  trigger_name text := 'trg_birth_' || new.collection_name;
begin
  -- A collection registered as governed gets its birth trigger at once: owner-only, whoever asks.
  if new.governance_role = 'governed'
     and to_regclass(format('public.%I', new.collection_name)) is not null
     and not exists (select from pg_catalog.pg_trigger t
                      where t.tgrelid = to_regclass(format('public.%I', new.collection_name))
                        and t.tgname = trigger_name) then
    execute format('create trigger %I after insert on public.%I for each row execute function public.fn_birth_registry_auto(%L)',
                   trigger_name, new.collection_name, 'code');
  end if;
  return null;
end",
    },
];

/// The species, each on its composition level.
pub const SPECIES: &str = "insert into public.entity_species (code, name, composition_level) values
    ('SPE-DOC', 'Tài liệu', 'material'),
    ('SPE-LAW', 'Điều luật', 'compound'),
    ('SPE-PRC', 'Quy trình', 'compound'),
    ('SPE-TSK', 'Công việc', 'molecule'),
    ('SPE-AGT', 'Tác nhân', 'product'),
    ('SPE-TAB', 'Bảng', 'material'),
    ('SPE-DOT', 'Công cụ DOT', 'product'),
    ('SPE-ISS', 'Vấn đề', 'molecule'),
    ('SPE-PER', 'Con người', 'product'),
    ('SPE-LRN', 'Đào tạo', 'compound'),
    ('SPE-AST', 'Tài sản', 'material'),
    ('SPE-FIN', 'Tài chính', 'compound'),
    ('SPE-MET', 'Thước đo', 'atom'),
    ('SPE-REF', 'Danh mục', 'atom');";

/// Certification is automatic, and so is the birth trigger of a collection that is registered later.
pub const TRIGGERS: &str = "create trigger trg_birth_auto_certify before update on public.birth_registry
    for each row execute function public.fn_birth_auto_certify();
create trigger trg_collection_registry_attach after insert on public.collection_registry
    for each row execute function public.fn_attach_birth_trigger();";
