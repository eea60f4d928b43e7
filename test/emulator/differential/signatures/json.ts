/** JSON as a type and as text. */
export const json: Readonly<Record<string, readonly string[]>> = {
  BOOL: ["BOOL = BOOL({JSON})", "BOOL = BOOL(TO_JSON({BOOL}))"],
  INT64: ["INT64 = INT64({JSON})", "INT64 = INT64(TO_JSON({INT64}))"],
  FLOAT64: [
    "FLOAT64 = FLOAT64({JSON})",
    "FLOAT64 = FLOAT64(TO_JSON({INT64}), wide_number_mode => {wide})",
  ],
  STRING: [
    "STRING = STRING({JSON})",
    "STRING = STRING(TO_JSON({STRING}))",
    "STRING = STRING({TIMESTAMP})",
    "STRING = STRING({TIMESTAMP}, {zone})",
    "STRING = STRING({DATE})",
    "STRING = STRING({DATETIME})",
    "STRING = STRING({TIME})",
  ],
  LAX_BOOL: ["BOOL = LAX_BOOL({JSON})", "BOOL = LAX_BOOL(TO_JSON({boolText}))"],
  LAX_INT64: [
    "INT64 = LAX_INT64({JSON})",
    "INT64 = LAX_INT64(TO_JSON({numberText}))",
    "INT64 = LAX_INT64(TO_JSON({FLOAT64}))",
  ],
  LAX_FLOAT64: ["FLOAT64 = LAX_FLOAT64({JSON})", "FLOAT64 = LAX_FLOAT64(TO_JSON({numberText}))"],
  LAX_STRING: ["STRING = LAX_STRING({JSON})", "STRING = LAX_STRING(TO_JSON({FLOAT64}))"],
  JSON_ARRAY: ["JSON = JSON_ARRAY({S}, {JSON})", "JSON = JSON_ARRAY()"],
  JSON_OBJECT: [
    "JSON = JSON_OBJECT('a', {S}, 'b', {JSON})",
    "JSON = JSON_OBJECT({STRING}, {INT64})",
  ],
  JSON_ARRAY_APPEND: [
    "JSON = JSON_ARRAY_APPEND({JSON}, {jsonPath}, {INT64})",
    "JSON = JSON_ARRAY_APPEND({JSON}, {jsonPath}, {ARRAY<STRING>}, append_each_element => {BOOL})",
  ],
  JSON_ARRAY_INSERT: [
    "JSON = JSON_ARRAY_INSERT({JSON}, {jsonPath}, {INT64})",
    "JSON = JSON_ARRAY_INSERT({JSON}, '$[1]', {ARRAY<STRING>}, insert_each_element => {BOOL})",
  ],
  JSON_REMOVE: [
    "JSON = JSON_REMOVE({JSON}, {jsonPath})",
    "JSON = JSON_REMOVE({JSON}, {jsonPath}, {jsonPath})",
  ],
  JSON_SET: [
    "JSON = JSON_SET({JSON}, {jsonPath}, {S})",
    "JSON = JSON_SET({JSON}, {jsonPath}, {STRING}, {jsonPath}, {INT64})",
  ],
  JSON_STRIP_NULLS: [
    "JSON = JSON_STRIP_NULLS({JSON})",
    "JSON = JSON_STRIP_NULLS({JSON}, {jsonPath})",
    "JSON = JSON_STRIP_NULLS({JSON}, include_arrays => {BOOL}, remove_empty => {BOOL})",
  ],
  JSON_TYPE: ["STRING = JSON_TYPE({JSON})"],
  JSON_QUERY: [
    "JSON = JSON_QUERY({JSON}, {jsonPath})",
    "STRING = JSON_QUERY({jsonText}, {jsonPath})",
  ],
  JSON_VALUE: [
    "STRING = JSON_VALUE({JSON}, {jsonPath})",
    "STRING = JSON_VALUE({jsonText}, {jsonPath})",
    "STRING = JSON_VALUE({JSON})",
  ],
  JSON_QUERY_ARRAY: [
    "ARRAY<JSON> = JSON_QUERY_ARRAY({JSON}, {jsonPath})",
    "ARRAY<STRING> = JSON_QUERY_ARRAY({jsonText}, {jsonPath})",
  ],
  JSON_VALUE_ARRAY: [
    "ARRAY<STRING> = JSON_VALUE_ARRAY({JSON}, {jsonPath})",
    "ARRAY<STRING> = JSON_VALUE_ARRAY({jsonText})",
  ],
  // A path that is wrong stands beside a value that is not NULL: whether it is looked at otherwise is not promised.
  JSON_EXTRACT: [
    "JSON = JSON_EXTRACT(JSON '{}', '$.\"a b\"')",
    "JSON = JSON_EXTRACT({JSON}, {legacyPath})",
    "STRING = JSON_EXTRACT({jsonText}, {legacyPath})",
  ],
  JSON_EXTRACT_SCALAR: [
    "STRING = JSON_EXTRACT_SCALAR({JSON}, {legacyPath})",
    "STRING = JSON_EXTRACT_SCALAR({jsonText}, {legacyPath})",
  ],
  JSON_EXTRACT_ARRAY: [
    "ARRAY<JSON> = JSON_EXTRACT_ARRAY({JSON}, {legacyPath})",
    "ARRAY<STRING> = JSON_EXTRACT_ARRAY({jsonText})",
  ],
  JSON_EXTRACT_STRING_ARRAY: [
    "ARRAY<STRING> = JSON_EXTRACT_STRING_ARRAY({JSON}, {legacyPath})",
    "ARRAY<STRING> = JSON_EXTRACT_STRING_ARRAY({jsonText})",
  ],
  PARSE_JSON: [
    "JSON = PARSE_JSON({jsonText})",
    "JSON = PARSE_JSON({jsonText}, wide_number_mode => {wide})",
    "JSON = PARSE_JSON(TO_JSON_STRING({A}))",
  ],
  TO_JSON: ["JSON = TO_JSON({A})", "JSON = TO_JSON({N}, stringify_wide_numbers => {BOOL})"],
  TO_JSON_STRING: ["STRING = TO_JSON_STRING({A})", "STRING = TO_JSON_STRING({A}, TRUE)"],
};
