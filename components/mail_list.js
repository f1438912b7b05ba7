// All mails, newest first, as one element: two hundred rows cost the server nothing while they are looked at.
// Every text comes in as data and is rendered as text.
const AT_FIRST = 50;
// What somebody has to look at stands first, where a phone shows it too.
const URGENCY = ["bad", "waiting", "good", "quiet"];

export default {
  template: `
    <div class="pla-mails">
      <div class="pla-mail-tools">
        <q-input v-model="asked" class="pla-mail-search" outlined dense clearable hide-bottom-space
          placeholder="Find by name, address, subject or job" aria-label="Find mails" maxlength="100">
          <template #prepend><q-icon name="search"></q-icon></template>
        </q-input>
        <div v-if="groups.length > 1" class="pla-chips" role="group" aria-label="State">
          <button type="button" class="pla-chip" :aria-pressed="String(state === null)" @click="state = null">
            All <span class="pla-count">{{ mails.length }}</span>
          </button>
          <button v-for="group in groups" :key="group.state" type="button" class="pla-chip"
            :aria-pressed="String(state === group.state)" @click="state = group.state">
            <span v-if="group.tone === 'bad'" class="pla-state pla-bad">
              <q-icon :name="group.icon" aria-hidden="true"></q-icon>{{ group.state }}
            </span>
            <template v-else>{{ group.state }}</template>
            <span class="pla-count">{{ " " + group.count }}</span>
          </button>
        </div>
      </div>
      <ul v-if="shown.length" class="pla-mail-list">
        <li v-for="mail in shown.slice(0, limit)" :key="mail.id" class="pla-mail-row">
          <button type="button" class="pla-mail-open" @click="$emit('open', mail.id)">
            <span class="pla-mail-subject">{{ mail.subject }}</span>
            <span class="pla-mail-to">{{ mail.kind }} · {{ mail.name }} · {{ mail.to }}</span>
            <span v-if="mail.trouble" :class="mail.tone === 'bad' ? 'pl-error' : 'pl-small pl-break'">{{ mail.trouble }}</span>
          </button>
          <span class="pla-state" :class="'pla-' + mail.tone">
            <q-icon :name="mail.icon" aria-hidden="true"></q-icon>{{ mail.state }}
          </span>
          <a v-if="mail.job" class="pl-link pla-mail-job" :href="path('/jobs/' + mail.job)">Job {{ mail.job }}</a>
          <span v-else class="pla-mail-job"></span>
          <time class="pla-mail-when" :datetime="mail.at">{{ mail.when }}</time>
        </li>
      </ul>
      <q-btn v-if="shown.length > limit" class="pl-btn-secondary pla-mail-more" unelevated no-caps
        :label="'Show ' + (shown.length - limit) + ' more'" @click="limit = shown.length"></q-btn>
      <p v-if="!shown.length" class="pla-mail-none" role="status">
        No mail matches.
        <button type="button" class="pla-text-button" @click="all">Show all</button>
      </p>
    </div>`,
  props: { mails: Array },
  emits: ["open"],
  data() {
    return { asked: "", state: null, limit: AT_FIRST };
  },
  computed: {
    groups() {
      const groups = new Map();
      for (const { state, tone, icon } of this.mails) {
        const group = groups.get(state) ?? { state, tone, icon, count: 0 };
        groups.set(state, { ...group, count: group.count + 1 });
      }
      return [...groups.values()].sort((a, b) => URGENCY.indexOf(a.tone) - URGENCY.indexOf(b.tone));
    },
    shown() {
      const words = (this.asked ?? "").toLowerCase().split(/\s+/).filter(Boolean);
      return this.mails.filter((mail) => {
        if (this.state !== null && mail.state !== this.state) return false;
        const text = `${mail.subject} ${mail.name} ${mail.to} ${mail.kind} job ${mail.job ?? ""} ${mail.trouble}`.toLowerCase();
        return words.every((word) => text.includes(word));
      });
    },
  },
  watch: {
    groups(groups) {
      if (!groups.some(({ state }) => state === this.state)) this.state = null;
    },
  },
  methods: {
    path(rest) {
      return (window.path_prefix ?? "") + rest;
    },
    all() {
      this.asked = "";
      this.state = null;
    },
  },
};
