/** Where the Linking API of Looker Studio answers: https://developers.google.com/looker-studio/integrate/linking-api */
const CREATE_REPORT = "https://lookerstudio.google.com/reporting/create";

export interface MartsInBigQuery {
  readonly project: string;
  readonly dataset: string;
}

/**
 * A link that opens a new report in Looker Studio on one table. One table a link: without a template report the
 * Linking API fills the one data source of a blank report, and knows no alias of a second one.
 */
export function lookerLink({ project, dataset }: MartsInBigQuery, table: string): string {
  const parameters = new URLSearchParams({
    "c.mode": "edit",
    "r.reportName": `Filo: ${table}`,
    "ds.connector": "bigQuery",
    "ds.type": "TABLE",
    "ds.projectId": project,
    "ds.datasetId": dataset,
    "ds.tableId": table,
    "ds.billingProjectId": project,
    "ds.datasourceName": table,
  });
  return `${CREATE_REPORT}?${parameters}`;
}
