// Written by the loaders only; docs/architecture.md lists the columns.
[
  "raw_cdp_identifies",
  "raw_cdp_pages",
  "raw_cdp_tracks",
  "raw_meta_insights_daily",
  "raw_people",
  "raw_pos_lines",
  "raw_touches",
].forEach((name) => declare({ schema: constants.dataset("raw"), name }));
