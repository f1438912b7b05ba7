// A page whose server process died is loaded again from another one as soon as it knocks there: the framework's
// connection would wait for a second first. Where none answers, the pauses grow.
const FIRST_MS = 200;
const LONGEST_MS = 3000;

export default {
  template: "<span hidden></span>",
  mounted() {
    // The page opens its connection once all that is on it has been mounted.
    setTimeout(() => window.socket?.io.reconnectionDelay(FIRST_MS).reconnectionDelayMax(LONGEST_MS));
  },
};
