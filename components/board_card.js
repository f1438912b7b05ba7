import { h } from "vue";
import { JobAge } from "board_age";
import { CardUpload } from "board_uploads";

// One card of the board. What it says comes in as data and is rendered as text.

export function path(rest) {
  return (window.path_prefix ?? "") + rest;
}

// What is told at any time and is no hurry: on a compact card it is at the picture, on hover, with the notes.
function isQuiet(mark) {
  return mark.tone === "quiet" && !mark.due && !mark.until && !mark.late;
}

// A mark as one text.
export function inWords({ means, text, more }) {
  return (means ? `${means}: ` : "") + [text, ...more].join("; ");
}

// A text in which what was searched for is marked.
export function MarkedText({ text, words }) {
  const parts = [];
  const lower = text.toLowerCase();
  let at = 0;
  while (at < text.length) {
    const hits = words.map((word) => [lower.indexOf(word, at), word.length]).filter(([start]) => start >= 0);
    if (!hits.length || lower.length !== text.length) break;
    const [start, length] = hits.reduce((best, hit) => (hit[0] < best[0] || (hit[0] === best[0] && hit[1] > best[1]) ? hit : best));
    if (start > at) parts.push(text.slice(at, start));
    parts.push(h("mark", text.slice(start, start + length)));
    at = start + length;
  }
  if (at < text.length) parts.push(text.slice(at));
  return parts; // no element of its own: a board has hundreds of these
}
MarkedText.props = { text: String, words: Array };

// What a job has as a card and as a row.
export const ofOneJob = {
  components: { JobAge, MarkedText },
  props: {
    card: Object, state: Object, age: Object, exact: String, fresh: Boolean, waiting: String, words: Array,
    choosing: Boolean, chosen: Boolean,
  },
  emits: ["act", "file", "menu", "enter", "leave", "look", "choose"],
  computed: {
    href() {
      return path(`/jobs/${this.card.id}`);
    },
    swatch() {
      return /^#[0-9a-f]{6}$/i.test(this.card.hex) ? { backgroundColor: this.card.hex } : {};
    },
    next() {
      return this.card.next ?? this.state.next;
    },
  },
  methods: {
    // What has a hint lies above the link that covers the card; a click there means the card all the same.
    open(event) {
      if (!event.target.closest("a, button, input, label")) [this.$refs.link].flat()[0].click(); // a row has it in a list
    },
  },
};

export const BoardCard = {
  mixins: [ofOneJob],
  components: { CardUpload },
  inject: ["uploads"],
  props: { compact: Boolean, now: Number },
  emits: ["peek"],
  data() {
    return {
      lost: null, // the address of a picture that did not come
      unfolded: null, // the icon of the mark that is told in full
    };
  },
  watch: {
    "card.id"() {
      this.lost = this.unfolded = null;
    },
  },
  computed: {
    picture() {
      return this.card.picture && this.card.picture !== this.lost ? path(this.card.picture) : null;
    },
    placeholder() {
      return this.card.pictured === "waiting" ? "hourglass_empty" : "hide_image";
    },
    marks() {
      const marks = this.card.marks.filter((mark) => !mark.until || this.now < Date.parse(mark.until));
      return this.compact ? marks.filter((mark) => !isQuiet(mark)) : marks;
    },
    // What a compact card has no line for, as one icon at the picture: where the figures are from, and how much it is.
    beside() {
      const { source, figures, notes, ended } = this.card;
      const told = [ended, source?.text];
      const quiet = this.card.marks.filter((mark) => isQuiet(mark) && !told.includes(mark.text));
      const lines = [...quiet.map(inWords), ...notes.map(({ who, text }) => `${who}: ${text}`)];
      if (source) lines.unshift([source.text, ...figures].join(" · "));
      return lines.length ? { icon: source?.icon ?? notes[0]?.icon ?? "info_outline", text: lines.join("\n") } : null;
    },
    // Where a word was found that the card does not show otherwise.
    foundIn() {
      const { id, who, file, printer, material, color, notes, email, course } = this.card;
      const shown = [`#${id}`, who, file, printer, material, color, ...notes.map((note) => note.text)].join(" ").toLowerCase();
      const missing = this.words.filter((word) => !shown.includes(word));
      const has = (text) => text && missing.some((word) => text.toLowerCase().includes(word));
      return [email, course].filter(has);
    },
    nextLabel() {
      const { label, priced } = this.next;
      return priced && this.card.price ? `${label} · ${this.card.price}` : label;
    },
  },
  methods: {
    unfold(mark) {
      this.unfolded = this.unfolded === mark.icon ? null : mark.icon;
    },
    told(mark) {
      return this.compact || this.unfolded === mark.icon ? [mark.text, ...mark.more].join("; ") : mark.text;
    },
    hint(mark) {
      return mark.means || this.compact ? inWords(mark) : null;
    },
  },
  template: `
    <article class="plb-job" :class="{ 'plb-job--new': fresh, 'plb-job--held': waiting, 'is-chosen': chosen }" :data-job="card.id"
             @pointerenter="$emit('enter', $event)" @pointerleave="$emit('leave', $event)" @focusin="$emit('look')"
             @click="open">
      <header class="plb-job__top">
        <label v-if="choosing" class="plb-pick"><input type="checkbox" :checked="chosen" :aria-label="'Choose job ' + card.id"
          @click.stop="$emit('choose', $event)"></label>
        <a ref="link" class="plb-job__open" :href="href" :title="compact ? card.who + ' · ' + card.file : null"
          ><span class="plb-job__id"><marked-text :text="'#' + card.id" :words="words" /></span><span class="plb-job__who"><marked-text :text="card.who" :words="words" /></span></a>
        <span v-if="fresh" class="plb-job__new">New</span>
        <b v-if="compact && card.copies" class="plb-job__copies" :title="card.copies" :aria-label="card.copies">×{{ parseInt(card.copies, 10) }}</b>
        <job-age class="plb-job__age" :age="age" :since="card.since" :exact="exact" />
      </header>
      <button v-if="picture" type="button" class="plb-thumb" :aria-label="'Picture of job ' + card.id + (card.insides && '. ' + card.insides)"
              @pointerenter="$emit('peek', { how: 'over', event: $event })" @pointerleave="$emit('peek', { how: 'away' })"
              @focus="$emit('peek', { how: 'focus', event: $event })" @blur="$emit('peek', { how: 'away' })"
              @click="$emit('peek', { how: 'click', event: $event })"
        ><img :key="picture" :src="picture" alt="" width="48" height="48" loading="lazy" decoding="async" @error="lost = card.picture"></button>
      <span v-else class="plb-thumb plb-thumb--none" :class="{ 'is-waiting': card.pictured === 'waiting' }"
            :title="card.pictured === 'waiting' ? 'The picture is being made' : 'There is no picture'"
        ><i class="material-icons" aria-hidden="true">{{ placeholder }}</i></span>
      <i v-if="compact" class="pl-swatch plb-job__sample" :style="swatch" :title="card.color" aria-hidden="true"></i>
      <span v-if="compact && beside" class="plb-job__beside" :title="beside.text"
        ><i class="material-icons" aria-hidden="true">{{ beside.icon }}</i><span class="pl-sr">{{ beside.text }}</span></span>
      <div class="plb-job__about">
      <p class="plb-job__file" :title="card.sliced ? 'Sliced file: ' + card.counts : card.counts"
        ><i v-if="card.sliced" class="material-icons" aria-hidden="true">layers</i><span><marked-text :text="card.file" :words="words" /></span><b v-if="card.copies" class="plb-job__copies">{{ card.copies }}</b></p>
      <p v-if="compact && card.ended" class="plb-job__what" :title="card.ended"><span>{{ card.ended }}</span></p>
      <p v-else class="plb-job__what" :title="compact ? [card.printer, card.material, card.color, ...card.figures].join(' · ') : null">
        <span class="plb-job__printer"><marked-text :text="card.printer" :words="words" /></span>
        <span class="plb-job__material">{{ card.material }}</span>
        <span class="plb-job__color"><i class="pl-swatch" :style="swatch" aria-hidden="true"></i><span><marked-text :text="card.color" :words="words" /></span></span>
      </p>
      <p v-if="card.figures.length" class="plb-job__figures" :class="{ 'is-priced': card.price }">
        <span v-for="figure in card.figures" :key="figure">{{ figure }}</span>
      </p>
      </div>
      <ul v-if="marks.length" class="plb-job__marks">
        <li v-for="mark in marks" :key="mark.icon" :class="['plb-mark', 'plb-mark--' + mark.tone, { 'plb-mark--late': mark.late }]"
            :title="hint(mark)">
          <i class="material-icons" aria-hidden="true">{{ mark.icon }}</i>
          <span v-if="mark.means" class="pl-sr">{{ mark.means + " " }}</span><span>{{ told(mark) }}</span>
          <button v-if="mark.more.length && !compact" type="button" class="plb-mark__more"
                  :aria-expanded="String(unfolded === mark.icon)"
                  :aria-label="mark.more.length + ' more: ' + mark.more.join('; ')" @click="unfold(mark)"
            >{{ unfolded === mark.icon ? "less" : "+" + mark.more.length }}</button>
        </li>
      </ul>
      <p v-for="note in card.notes" :key="note.icon" class="plb-job__note" :title="note.who + ': ' + note.text">
        <i class="material-icons" aria-hidden="true">{{ note.icon }}</i
        ><span class="pl-sr">{{ note.who }}: </span><span><marked-text :text="note.text.slice(0, 200)" :words="words" /></span>
      </p>
      <p v-for="text in foundIn" :key="text" class="plb-job__note"><i class="material-icons" aria-hidden="true">search</i><span><marked-text :text="text" :words="words" /></span></p>
      <p v-if="waiting" class="plb-job__held" role="status">
        <i class="material-icons" aria-hidden="true">arrow_forward</i><span>Now: {{ waiting }}</span>
      </p>
      <card-upload v-if="uploads.of(card.id)" :key="card.id" :id="card.id" :uploads="uploads" />
      <footer class="plb-job__actions">
        <button v-if="next && !waiting" type="button" class="plb-act plb-act--next"
                :aria-label="nextLabel + ', job ' + card.id" :title="compact ? nextLabel : null"
                @click="$emit('act', next.verb)"
          ><i v-if="compact" class="material-icons" aria-hidden="true">{{ next.icon }}</i
          ><template v-else>{{ nextLabel }}</template></button>
        <span v-else-if="state.waits && !waiting" class="plb-job__waits">{{ state.waits }}</span>
        <span class="plb-job__tools">
        <button type="button" class="plb-act plb-act--file" :class="{ 'plb-act--icon': !compact && next?.priced }"
                :title="'Open file: ' + card.name" :aria-label="'Open file of job ' + card.id" @click="$emit('file')"
          ><i v-if="compact || next?.priced" class="material-icons" aria-hidden="true">launch</i
          ><template v-else>Open file</template></button>
        <button type="button" class="plb-act plb-act--icon" aria-haspopup="menu" title="More actions"
                :aria-label="'More actions for job ' + card.id" @click="$emit('menu', $event.currentTarget)"
          ><i class="material-icons" aria-hidden="true">more_horiz</i></button>
        </span>
      </footer>
    </article>
  `,
};
