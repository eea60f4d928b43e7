// What makes records one person: kinds of identifiers, how far each is trusted, and the closure over them.
const udf = require("./udf.js");

/**
 * The kinds of identifiers, strongest first.
 * strong: issued to one person by a system. hubCap: the most groups of strong identifiers that an e-mail or a phone
 * may tie together before it counts as shared. companionCap: the same for the values of the other weak kinds that were
 * given together with it. limit: how many groups of strong identifiers of this kind a customer may hold
 * (a lost card and its replacement are one group).
 */
const TYPES = [
  { type: "crm_contact", strong: true, limit: 1 },
  { type: "loyalty_card", strong: true, limit: 1 },
  { type: "shop_account", strong: true, limit: 1 },
  { type: "email", strong: false, hubCap: 3, companionCap: 5 },
  { type: "phone", strong: false, hubCap: 3, companionCap: 5 },
  { type: "email_relay", strong: false, hubCap: 2, companionCap: 5 },
];

/**
 * How far a record is believed about who it names; smaller is better.
 * 1 a system of record, 2 a person who logged in, 3 a form, 4 typed at the till, 5 damage was repaired.
 */
const TRUST = { people: 1, account: 2, form: 3, touches: 3, pos: 4, repaired: 5 };

/** How long a device is believed to be its owner's, in days; from how many owners on it is a public one. */
const DEVICE = { daysBefore: 30, daysAfter: 90, kioskOwners: 4 };

const STRONG_TYPES = TYPES.filter(({ strong }) => strong).map(({ type }) => type);

/** `type in (strong ones)`. */
const isStrong = (type) => `${type} in (${STRONG_TYPES.map((name) => `'${name}'`).join(", ")})`;

/** 1 for the strongest kind. */
const strength = (type) =>
  `case ${type} ${TYPES.map((entry, i) => `when '${entry.type}' then ${i + 1}`).join(" ")} end`;

const byType = (key) => (type) =>
  `case ${type} ${TYPES.filter((entry) => entry[key])
    .map((entry) => `when '${entry.type}' then ${entry[key]}`)
    .join(" ")} end`;

/** These caps and limits of a kind; null where it has none. */
const hubCap = byType("hubCap");
const companionCap = byType("companionCap");
const limit = byType("limit");

/** The number of an identifier in the graph. The kind is part of it: card 1234567 is not account 1234567. */
const node = (type, value) => `farm_fingerprint(concat(${type}, ':', ${value}))`;

/** The number of a loyalty card whose form is not in doubt: the spelling of contacts.js without its checks. */
const cardNode = (card) =>
  node("'loyalty_card'", `regexp_replace(upper(trim(${card})), r'[\\s./-]', '')`);

/**
 * Statements that make temporary table `labels` (node, root) from temporary table `edges` (a, b):
 * root is the smallest node that can be reached. Large-star and small-star in turn (Kiveris et al., "Connected
 * Components in MapReduce and Beyond", 2014) until a round changes nothing, at most 40 rounds, which is enough for
 * chains of 2^39 records. The result is then proved against the edges, whatever the loop did.
 * Needs the script variables `round` (INT64), `shape` and `last_shape` (STRING).
 */
const closure = ({ edges, labels }) => `
create or replace temp table star as
select distinct least(a, b) as a, greatest(a, b) as b
from ${edges}
where a <> b;

set round = 0;
set last_shape = '';

loop
  set round = round + 1;
  if round > 40 then
    raise using message = 'Identity: ${edges} did not converge in 40 rounds';
  end if;

  -- large star: whoever is greater than a node hangs on the least neighbour of that node
  create or replace temp table large_star as
  with
  neighbours as (
    select a as node, b as neighbour from star
    union all
    select b as node, a as neighbour from star
  ),
  minima as (
    select node, least(node, min(neighbour)) as minimum from neighbours group by node
  )
  select distinct minima.minimum as a, neighbours.neighbour as b
  from neighbours
  inner join minima on minima.node = neighbours.node
  where neighbours.neighbour > neighbours.node
    and neighbours.neighbour <> minima.minimum;

  -- small star: a node and its lesser neighbours hang on the least of them
  create or replace temp table star as
  with
  minima as (
    select b as node, min(a) as minimum from large_star group by b
  ),
  hung as (
    select minima.minimum as a, large_star.a as b
    from large_star
    inner join minima on minima.node = large_star.b
    union all
    select minimum as a, node as b from minima
  )
  select distinct a, b from hung where a <> b;

  set shape = (
    select
      concat(
        cast(count(*) as string), ':',
        cast(ifnull(bit_xor(farm_fingerprint(concat(cast(a as string), '>', cast(b as string)))), 0) as string)
      )
    from star
  );
  if shape = last_shape then
    leave;
  end if;
  set last_shape = shape;
end loop;

create or replace temp table ${labels} as
with
nodes as (
  select a as node from ${edges}
  union distinct
  select b as node from ${edges}
)
select nodes.node, ifnull(min(star.a), nodes.node) as root
from nodes
left join star on star.b = nodes.node
group by nodes.node;

assert not exists (
  select 1
  from ${edges} as edges
  inner join ${labels} as left_end on left_end.node = edges.a
  inner join ${labels} as right_end on right_end.node = edges.b
  where left_end.root <> right_end.root
) as 'Identity: an edge of ${edges} joins two components';

assert not exists (
  select 1 from ${labels} group by root having min(node) <> root
) as 'Identity: a component of ${edges} is not named by its least node';
`;

/**
 * Splits one component in which somebody would hold too many strong identifiers of a kind. Links are taken strongest
 * first, the latest seen first, then by name, and a link that would break a limit is refused (Kruskal's algorithm).
 * The order is total, so the order of the input does not matter.
 *
 * members: [{node, kinds}]: kinds, one entry per group of strong identifiers in it: "loyalty_card,shop_account" or "".
 * links: [{a, b, weakness, seen}]: how little the link proves, and the time it was last seen, as text that sorts.
 * Returns one row per member and refused link: {a, b, part, reason}; a member has b null and its part, the member after
 * which the part is named; a refused link has part null and its reason.
 */
function splitComponent(members, links, limits) {
  const parent = new Map(members.map(({ node: name }) => [name, name]));
  const held = new Map(members.map(({ node: name, kinds }) => [name, countKinds(kinds)]));
  const find = (name) => {
    let root = name;
    while (parent.get(root) !== root) root = parent.get(root);
    parent.set(name, root);
    return root;
  };
  const refused = [];
  for (const link of [...links].sort(byStrength)) {
    const [keep, join] = [find(link.a), find(link.b)].sort();
    if (keep === join) continue;
    const [mine, theirs] = [held.get(keep), held.get(join)];
    const broken = Object.keys(limits).filter(
      (kind) => mine[kind] && theirs[kind] && mine[kind] + theirs[kind] > limits[kind],
    );
    if (broken.length > 0) {
      refused.push({
        a: link.a,
        b: link.b,
        part: null,
        reason: `limit_${broken.sort().join("_and_")}`,
      });
      continue;
    }
    parent.set(join, keep);
    for (const kind of Object.keys(theirs)) mine[kind] = (mine[kind] || 0) + theirs[kind];
  }
  const parts = members.map(({ node: name }) => ({
    a: name,
    b: null,
    part: find(name),
    reason: null,
  }));
  return [...parts, ...refused];
}

function countKinds(kinds) {
  const count = {};
  for (const kind of kinds.split(",").filter((name) => name !== ""))
    count[kind] = (count[kind] || 0) + 1;
  return count;
}

function byStrength(x, y) {
  const compare = (left, right) => (left < right ? -1 : left > right ? 1 : 0);
  return (
    x.weakness - y.weakness || compare(y.seen, x.seen) || compare(x.a, y.a) || compare(x.b, y.b)
  );
}

const LIMITS = Object.fromEntries(
  TYPES.filter(({ limit }) => limit).map(({ type, limit }) => [type, limit]),
);

/** Body of the BigQuery function split_component(members, links). */
const splitComponentBody = udf.body(
  { LIMITS },
  [countKinds, byStrength, splitComponent],
  "members, links, LIMITS",
);

module.exports = {
  TYPES,
  TRUST,
  LIMITS,
  DEVICE,
  isStrong,
  strength,
  hubCap,
  companionCap,
  limit,
  node,
  cardNode,
  closure,
  splitComponent,
  splitComponentBody,
};
