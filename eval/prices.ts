/**
 * Decides: whether the shipped price table agrees with both sources where those agree (bars.md section 4).
 * Never: rebuilds it; scripts/prices.ts does, and docs/PRICES.md lists every dispute.
 */
import { merge } from "../scripts/prices-merge.ts";
import { entry, litellmQuotes, modelsDevQuotes, SOURCES } from "../scripts/prices-sources.ts";
import type { ProviderKind } from "../src/domain/target.ts";
import { lookupModel, PRICE_VERSION } from "../src/policy/usage/model-table.ts";
import { document, printTable } from "./data.ts";

/** Prints the table; true where no agreed price is missing or other than agreed. */
export const evaluatePrices = (): boolean => {
  const litellm = entry(document("prices/litellm_model_prices.json"));
  const modelsDev = entry(document("prices/models_dev.json"));
  let wrong = 0;
  const rows = Object.entries(SOURCES).map(([kind, source]) => {
    const first = litellmQuotes(litellm, source);
    const second = modelsDevQuotes(modelsDev, source);
    const { models, differences } = merge(first, second);
    let agreed = 0;
    for (const name of models.keys()) {
      const [a, b] = [first.get(name), second.get(name)];
      if (a?.input === undefined || a.input !== b?.input || a.output !== b.output) continue;
      agreed++;
      const price = lookupModel(kind as ProviderKind, name)?.price;
      if (price?.input !== a.input || price.output !== a.output) wrong++;
    }
    const disputes = differences.filter(({ what }) => what === "price").length;
    return [kind, models.size, agreed, disputes, differences.length - disputes];
  });
  console.log(`price table ${PRICE_VERSION}`);
  const head = [
    "provider",
    "named by both",
    "prices agreed",
    "prices in dispute",
    "other disputes",
  ];
  printTable(head, rows);
  console.log(
    `bar: every agreed price is in the table: ${wrong === 0 ? "holds" : `${wrong} MISSED`}`,
  );
  return wrong === 0;
};
