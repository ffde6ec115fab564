/**
 * Decides: which part of a URL is its path.
 * Never: normalises or decodes it: host and path are judged as they came.
 */

/** The path of an absolute URL, without query. */
export const rawPath = (url: string): string => {
  const slash = url.indexOf("/", url.indexOf("://") + 3);
  if (slash === -1) return "/";
  const query = url.indexOf("?", slash);
  return query === -1 ? url.slice(slash) : url.slice(slash, query);
};
