import type { FastifyReply, FastifyRequest } from "fastify";
import type { Fault } from "./faults.ts";

/** An error in the shape of HubSpot's. Its message is for people: a program goes by status, category and policy. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  readonly details: Readonly<Record<string, string>>;
  constructor(status: number, message: string, details: Readonly<Record<string, string>>) {
    super(message);
    this.status = status;
    this.details = details;
  }
}

export const invalid = (message: string): Refusal =>
  new Refusal(400, message, { category: "VALIDATION_ERROR" });

export function authorise(request: FastifyRequest, token: string, fault: Fault | undefined): void {
  const given = request.headers.authorization;
  if (fault?.kind !== "expired_token" && given === `Bearer ${token}`) return;
  throw new Refusal(401, "Authentication credentials not found or expired", {
    category: "INVALID_AUTHENTICATION",
  });
}

const overLimit = (policyName: string): Refusal =>
  new Refusal(429, `You have reached your ${policyName} limit.`, {
    category: "RATE_LIMITS",
    errorType: "RATE_LIMIT",
    policyName,
  });

export function strike(route: string, fault: Fault | undefined): void {
  if (fault?.kind === "throttled") {
    throw overLimit(route === "search" ? "SECONDLY" : "TEN_SECONDLY_ROLLING");
  }
  if (fault?.kind === "quota") throw overLimit("DAILY");
  if (fault?.kind === "server_error") throw new Refusal(500, "internal error", {});
}

const DAILY = 650_000;
const PER_TEN_SECONDS = 190;

export function usageHeaders(
  reply: FastifyReply,
  requests: number,
  fault: Fault | undefined,
): void {
  const isUsedUp = fault?.kind === "quota";
  const isThrottled = fault?.kind === "throttled";
  reply.headers({
    "x-hubspot-ratelimit-daily": String(DAILY),
    "x-hubspot-ratelimit-daily-remaining": String(isUsedUp ? 0 : DAILY - requests),
    "x-hubspot-ratelimit-interval-milliseconds": "10000",
    "x-hubspot-ratelimit-max": String(PER_TEN_SECONDS),
    "x-hubspot-ratelimit-remaining": isThrottled ? "0" : String(PER_TEN_SECONDS - 1),
  });
}
