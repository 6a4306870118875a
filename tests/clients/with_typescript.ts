// File a claim with evidence through the types that openapi-typescript has generated.
//
//     node with_typescript.js ADDRESS CUSTOMER
//
// CUSTOMER is JSON: organisation, location, tenant, domain, product, subscription, day. Prints the claim as the client
// reads it. tsc compiles this in strict mode first, so it also shows which members are mandatory.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

declare const process: { argv: string[] };

const PDF = new TextEncoder().encode("%PDF-1.7\nproof of execution\n%%EOF\n");
const [address, text] = process.argv.slice(2) as [string, string];
const customer = JSON.parse(text) as Record<
  "organisation" | "location" | "tenant" | "domain" | "product" | "subscription" | "day",
  string
>;

const client = createClient<paths>({ baseUrl: address });
const token = need(
  await client.POST("/sandbox/tokens", {
    body: { organisation_id: customer.organisation, roles: ["incentives_admin"] },
  }),
);
client.use({
  onRequest: ({ request }) => request.headers.set("Authorization", `Bearer ${token.access_token}`),
});

const announced = need(
  await client.POST("/v1/evidence", {
    params: { header: { "Idempotency-Key": crypto.randomUUID() } },
    body: {
      file_name: "sow.pdf",
      content_type: "application/pdf",
      size: PDF.length,
      sha256: await digest(PDF),
    },
  }),
);
const form = new FormData();
for (const [name, value] of Object.entries(announced.upload.fields)) form.append(name, value);
form.append("file", new Blob([PDF]));
const stored = await fetch(announced.upload.url, { method: "POST", body: form });
if (stored.status !== 204) throw new Error(await stored.text());

const person: components["schemas"]["Contact"] = {
  name: "Anna Adler",
  title: "CIO",
  email: `anna@${customer.domain}`,
};
const filed = need(
  await client.POST("/v1/claims", {
    params: { header: { "Idempotency-Key": crypto.randomUUID() } },
    body: {
      location_id: customer.location,
      tenant_id: customer.tenant,
      domain: customer.domain,
      solution_area: "business_applications",
      partner_role: "usage_recognition",
      items: [{ product: customer.product, subscription_id: customer.subscription }],
      customer_contact: person,
      technical_contact: person,
      partner_contact: { name: "Pia Partner", email: "pia@partner.example" },
      evidence: [
        {
          id: announced.id,
          kind: "signed_sow",
          acknowledged_on: customer.day,
          covers: [customer.product],
        },
      ],
      submit: true,
    },
  }),
);
const first = filed.claims[0];
if (!first) throw new Error("no claim");
const path = { claim_id: first.id };
const claim = need(await client.GET("/v1/claims/{claim_id}", { params: { path } }));
const history = need(await client.GET("/v1/claims/{claim_id}/history", { params: { path } }));
const unknown = await client.GET("/v1/claims/{claim_id}", { params: { path: { claim_id: "clm_unknown" } } });
const acts = history.data.slice(0, 2).map((one) => one.act);
// A browser gets errors as HTML, a program as a problem.
const code = typeof unknown.error === "object" ? unknown.error.code : undefined;
console.log(JSON.stringify({ id: claim.id, status: claim.status, acts, code }));

function need<T>(answer: { data?: T; error?: unknown }): T {
  if (answer.data === undefined) throw new Error(JSON.stringify(answer.error));
  return answer.data;
}

async function digest(content: Uint8Array<ArrayBuffer>): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
