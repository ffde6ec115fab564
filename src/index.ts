/**
 * Decides: nothing. The Worker's door: builds the dependencies once and hands requests to the app.
 */
const worker = { fetch: (): Response => new Response("not built", { status: 503 }) };
// biome-ignore lint/style/noDefaultExport: the Workers runtime takes the handlers from the default export.
export default worker;
