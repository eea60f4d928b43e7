import { describe, expect, it } from "vitest";
import { parseScript } from "../../../emulator/script/parse.ts";
import type { Body, Node } from "../../../emulator/script/tree.ts";

const parse = (text: string) => parseScript({ text, place: { line: 1, column: 1 } });

/** The shape of a script: kinds of its nodes, nested. */
function shape(body: Body): unknown[] {
  return body.map((node: Node) => {
    switch (node.kind) {
      case "statement":
        return node.statement.type;
      case "if":
        return ["if", ...node.branches.map(({ body }) => shape(body)), shape(node.otherwise)];
      case "block":
        return ["block", shape(node.body), ...(node.handler ? [shape(node.handler)] : [])];
      case "loop":
      case "while":
      case "repeat":
      case "for":
        return [node.kind, shape(node.body)];
      default:
        return node.kind;
    }
  });
}

describe("splitting a request into statements", () => {
  it("splits at semicolons that are no part of a literal, name or comment", () => {
    const body = parse(`select ';', ";", r'\\;', '''a;
      b''', \`a;b\` /* ; */ from t; -- ;
      # ;
      select 2;`);
    expect(body.map(({ source }) => source.text.slice(0, 8))).toEqual(["select '", "select 2"]);
    expect(body[1]?.source.place).toEqual({ line: 4, column: 7 });
  });

  it.each([
    [
      "begin transaction; begin; commit; rollback transaction",
      ["begin", "begin", "commit", "rollback"],
    ],
    ["begin select 1; end", [["block", ["SELECT"]]]],
    ["begin end", [["block", []]]],
    ["if (a) then select if(b, 1, 2); end if", [["if", ["SELECT"], []]]],
    ["select case when a then 1 else 2 end; select 2", ["SELECT", "SELECT"]],
    [
      "if case when a then b else c end then select 1; else select 2; end if",
      [["if", ["SELECT"], ["SELECT"]]],
    ],
    [
      "case x when 1 then select 1; when 2 then select 2; else select 3; end case",
      [["if", ["SELECT"], ["SELECT"], ["SELECT"]]],
    ],
    ["select t.end, t.`case` from t; select 1", ["SELECT", "SELECT"]],
    ["repeat set x = 1; until x > 0 end repeat", [["repeat", ["set"]]]],
    ["for r in (select 1 as a) do select r.a; end for", [["for", ["SELECT"]]]],
    [
      "create or replace procedure d.p() options(strict_mode=false) begin if a then select 1; end if; end; call d.p()",
      ["create_procedure", "call"],
    ],
    ["begin select 1; exception when error then raise; end", [["block", ["SELECT"], ["raise"]]]],
  ])("reads %j", (text, expected) => {
    expect(shape(parse(text))).toEqual(expected);
  });

  it("keeps labels, and lets a jump name an outer loop", () => {
    const [loop] = parse(
      "outer_loop: loop while true do leave outer_loop; end while; end loop outer_loop",
    );
    expect(loop).toMatchObject({
      kind: "loop",
      label: "outer_loop",
      body: [{ kind: "while", body: [{ kind: "break", label: "outer_loop" }] }],
    });
  });

  it("reads OPTIONS directly before AS", () => {
    const [create] = parse(
      "create or replace table `p.d.t` cluster by a OPTIONS(description='x')as select 1 as a",
    );
    expect(create).toMatchObject({
      statement: { type: "CREATE_TABLE_AS_SELECT", writes: [["p", "d", "t"]] },
    });
  });

  it("takes a dashed project without backticks", () => {
    const [insert] = parse("insert my-own-shop.d.t (a) values (1)");
    expect(insert).toMatchObject({ statement: { writes: [["my-own-shop", "d", "t"]] } });
  });
});

describe("syntax errors, found before anything runs", () => {
  it.each([
    ["select 1; select from where", /at \[1:\d+\]$/],
    ["select 1; select 'abc", /Unclosed string literal at \[1:18\]/],
    ["begin select 1; ", /END/],
    ["begin select 1 end", /Expected ";".*\[1:16\]/],
    ["loop select 1; end while", /LOOP/],
    ["select 1;; select 2", /Unexpected|Expected a statement/],
    ["break", /BREAK is only allowed inside of a loop body/],
    ["loop leave other; end loop", /label other/],
    ["b: begin loop continue b; end loop; end", /label b/],
    ["raise", /outside of an exception handler/],
    ["l: select 1", /label/],
    ["", /statement/],
    ["delete from d.t", /must have a WHERE clause/],
    ["update d.t set a = 1", /must have a WHERE clause/],
    ["merge d.t using d.s on true when matched then insert row", /INSERT is not allowed/],
  ])("%j", (text, message) => {
    expect(() => parse(text)).toThrow(message);
  });

  it("refuses by name what exists in BigQuery and not here", () => {
    expect(() => parse("create external table d.t options(format = 'CSV')")).toThrow(
      /CREATE EXTERNAL TABLE/,
    );
    expect(() => parse("create temp function f(x int64) returns int64 language py as 'x'")).toThrow(
      /functions in py/,
    );
  });
});
