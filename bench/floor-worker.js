// The floor: the least that a Worker between a caller and a provider can do.
const floor = {
  fetch(request, env) {
    const { pathname } = new URL(request.url);
    return fetch(new Request(env.UPSTREAM + pathname, request));
  },
};
export default floor;
