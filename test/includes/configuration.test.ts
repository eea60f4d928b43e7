import { describe, expect, it } from "vitest";
import { include } from "./load.ts";

interface Rule {
  channel: string;
  platform?: string;
  click?: string;
  medium?: string;
  source?: string;
  referrer?: string;
}
interface Window {
  channel: string;
  interaction: string;
  days: number;
}

const channels = include<{
  CHANNELS: string[];
  FREE_CHANNELS: string[];
  SENT_CHANNELS: string[];
  OFFLINE_CHANNELS: string[];
  classify(rules?: Rule[]): string;
  ofGoogle(channelType: string): string;
}>("channels");
const attribution = include<{
  WINDOWS: Window[];
  windows(table?: Window[]): string;
  weights(): string;
}>("attribution");
const columns = include<{
  MEANINGS: Record<string, string>;
  describe(...names: string[]): Record<string, string>;
}>("columns");
const udf = include<{ body(constants: object, functions: unknown[], argument: string): string }>(
  "udf",
);

describe("channel rules", () => {
  it("refuse an unknown channel, naming the rule", () => {
    expect(() => channels.classify([{ channel: "telepathy" }])).toThrow(/rule 1 .*unknown channel/);
  });

  it("refuse a rule behind one for the same visits", () => {
    const rules = [
      { channel: "email", medium: "^dem$" },
      { channel: "display", medium: "^dem$" },
    ];
    expect(() => channels.classify(rules)).toThrow(/rule 2 .*never fit: rule 1/);
  });

  it("are read from the top, click ids before tags, and end in direct", () => {
    const cases = channels.classify().match(/when .* then struct\('\w+'/g) ?? [];
    const first = cases.findIndex(
      (text) => text.includes("utm_medium") && !text.includes("_click_id"),
    );
    const lastClick = cases.findLastIndex((text) => text.includes("_click_id"));
    expect(lastClick).toBeLessThan(first);
    expect(cases.at(-1)).toBe("when true then struct('direct'");
  });
});

describe("groups of channels", () => {
  it("name channels of the contract only, and what is sent is not free", () => {
    const { CHANNELS, FREE_CHANNELS, SENT_CHANNELS, OFFLINE_CHANNELS } = channels;
    const grouped = [...FREE_CHANNELS, ...SENT_CHANNELS, ...OFFLINE_CHANNELS];
    expect(grouped.filter((channel) => !CHANNELS.includes(channel))).toEqual([]);
    expect(FREE_CHANNELS.filter((channel) => SENT_CHANNELS.includes(channel))).toEqual([]);
  });

  it("Google's campaigns have one of them each, and Performance Max is shopping", () => {
    const named = [...channels.ofGoogle("type").matchAll(/(?:then|else) '(\w+)'/g)];
    expect(named.length).toBeGreaterThan(4);
    for (const [, channel] of named) expect(channels.CHANNELS).toContain(channel);
    expect(channels.ofGoogle("type")).toContain("when 'PERFORMANCE_MAX' then 'shopping'");
  });
});

describe("streams that must come every day", () => {
  it("bring revenue or the costs of one platform each", () => {
    const { DAILY_STREAMS } = include<{
      DAILY_STREAMS: { stream: string; brings: string; costPlatform?: string }[];
    }>("sources");
    const platforms = DAILY_STREAMS.flatMap(({ costPlatform }) => costPlatform ?? []);
    expect(new Set(platforms).size).toBe(platforms.length);
    for (const { brings, costPlatform } of DAILY_STREAMS)
      expect(brings === "costs").toBe(costPlatform !== undefined);
  });
});

describe("attribution windows", () => {
  it("cover every channel that a touch may have", () => {
    const covered = new Set(attribution.WINDOWS.map(({ channel }) => channel));
    expect(channels.CHANNELS.filter((channel) => !covered.has(channel))).toEqual([]);
  });

  it("are refused when they are empty, unknown or doubled", () => {
    const one = { channel: "sms", interaction: "click", days: 7 };
    expect(() => attribution.windows([{ ...one, days: 0 }])).toThrow(/sms, click: 0 days/);
    expect(() => attribution.windows([{ ...one, interaction: "suppressed" }])).toThrow(
      /sms, suppressed: who got nothing/,
    );
    expect(() => attribution.windows([{ ...one, channel: "fax" }])).toThrow(/fax, click: unknown/);
    expect(() => attribution.windows([one, one])).toThrow(/another window/);
    expect(() => attribution.windows([{ ...one, interaction: "*" }, one])).toThrow(
      /another window/,
    );
    expect(() => attribution.windows([one, { ...one, interaction: "*" }])).toThrow(
      /another window/,
    );
  });
});

describe("columns", () => {
  it("all have a meaning that ends without a full stop", () => {
    for (const [name, meaning] of Object.entries(columns.MEANINGS)) {
      expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
      expect(meaning).toMatch(/^\S.*[^.\s]$/);
    }
  });

  it("that nobody knows fail the compile, by name", () => {
    expect(() => columns.describe("customer_id", "cutsomer_id")).toThrow(/cutsomer_id/);
    expect(() => columns.describe("customer_id", "customer_id")).toThrow(/twice/);
  });
});

describe("a function's source", () => {
  it("carries its constants, regular expressions in objects and lists too", () => {
    function pick(text: string): unknown {
      return (globalThis as unknown as { table: never }).table ?? text;
    }
    const body = udf.body({ table: { a: [/x\d/g, "é\n", 1, null] } }, [pick], "raw");
    expect(body).toContain('const table = {"a": [/x\\d/g, "é\\n", 1, null]};');
    expect(body).toMatch(/return pick\(raw\);$/);
  });
});
