import { inWords, ofOneJob } from "board_card";

// One job as a row of the table.

export const COLUMNS = [
  { key: "id", label: "No.", order: "number", px: 46, fixed: true },
  { key: "who", label: "Student", order: "student", px: 130, fixed: true, grows: true },
  { key: "file", label: "File", px: 132, grows: true },
  { key: "status", label: "Status", order: "status", px: 172 },
  { key: "printer", label: "Printer", order: "printer", px: 116 },
  { key: "material", label: "Material", order: "material", px: 132, grows: true },
  { key: "figures", label: "Weight, time, price", order: "price", px: 200 },
  { key: "age", label: "Waiting", order: "waiting", px: 70 },
  { key: "needed", label: "Needed by", order: "deadline", px: 80 },
  { key: "assignee", label: "Assigned to", px: 120 },
  { key: "email", label: "E-mail", px: 200 },
  { key: "course", label: "Course", px: 130 },
  { key: "marks", label: "Remarks", px: 72 },
];
// What cuts texts off gets the room that is left, the same in every row.
export function widthOf({ px, grows }) {
  return { flex: `${grows ? 1 : 0} 0 ${px}px` };
}
export const USUAL = ["id", "who", "file", "status", "printer", "material", "figures", "age", "needed", "marks"];

export const BoardRow = {
  mixins: [ofOneJob],
  props: { columns: Array },
  computed: {
    marks() {
      const wrote = this.card.notes.map(({ icon, who, text }) => ({ icon, tone: "quiet", means: who, text, more: [] }));
      return [...this.card.marks.filter((mark) => mark.tone !== "quiet" || mark.due), ...wrote];
    },
  },
  methods: { inWords, widthOf },
  template: `
    <article class="plb-row" :class="{ 'plb-job--new': fresh, 'is-chosen': chosen }" :data-job="card.id"
             @pointerenter="$emit('enter', $event)" @pointerleave="$emit('leave', $event)" @focusin="$emit('look')" @click="open">
      <label v-if="choosing" class="plb-pick"><input type="checkbox" :checked="chosen" :aria-label="'Choose job ' + card.id"
        @click.stop="$emit('choose', $event)"></label>
      <div v-for="column in columns" :key="column.key" class="plb-cell" :class="'plb-cell--' + column.key" :style="widthOf(column)">
        <a v-if="column.key === 'id'" ref="link" :href="href"><marked-text :text="'#' + card.id" :words="words" /></a>
        <span v-else-if="column.key === 'who'" :title="card.who"><b><marked-text :text="card.who" :words="words" /></b><span v-if="fresh" class="plb-job__new">New</span></span>
        <span v-else-if="column.key === 'file'" :title="card.counts"><i v-if="card.sliced" class="material-icons" aria-hidden="true">layers</i><marked-text :text="card.file" :words="words" /></span>
        <span v-else-if="column.key === 'status'" class="pl-badge" :class="state.tone"><span class="pl-status-icon"><i class="material-icons" aria-hidden="true">{{ state.icon }}</i></span><span class="pl-badge-text">{{ waiting ?? state.label }}</span></span>
        <span v-else-if="column.key === 'printer'"><marked-text :text="card.printer" :words="words" /></span>
        <span v-else-if="column.key === 'material'" :title="card.material + ', ' + card.color"><i class="pl-swatch" :style="swatch" aria-hidden="true"></i>{{ card.material }}, <marked-text :text="card.color" :words="words" /><b v-if="card.copies"> ×{{ parseInt(card.copies, 10) }}</b></span>
        <span v-else-if="column.key === 'figures'" :title="card.source?.text">{{ card.figures.join(" · ") }}</span>
        <job-age v-else-if="column.key === 'age'" :age="age" :since="card.since" :exact="exact" />
        <span v-else-if="column.key === 'needed'" :class="card.deadline && 'plb-mark--' + card.deadline.tone" :title="card.deadline && inWords(card.deadline)">{{ card.needed }}</span>
        <span v-else-if="column.key === 'marks'" class="plb-cell__marks"><i v-for="mark in marks" :key="mark.icon" class="material-icons" :class="'plb-mark--' + mark.tone" role="img" :title="inWords(mark)" :aria-label="inWords(mark)">{{ mark.icon }}</i></span>
        <span v-else :title="card[column.key]"><marked-text :text="card[column.key] ?? ''" :words="words" /></span>
      </div>
      <footer class="plb-row__actions">
        <button v-if="next && !waiting" type="button" class="plb-act plb-act--next" :title="next.label" :aria-label="next.label + ', job ' + card.id" @click="$emit('act', next.verb)"
          ><i class="material-icons" aria-hidden="true">{{ next.icon }}</i><span>{{ next.label }}</span></button>
        <button type="button" class="plb-act plb-act--icon" :title="'Open file: ' + card.name" :aria-label="'Open file of job ' + card.id" @click="$emit('file')"
          ><i class="material-icons" aria-hidden="true">launch</i></button>
        <button type="button" class="plb-act plb-act--icon" aria-haspopup="menu" title="More actions" :aria-label="'More actions for job ' + card.id" @click="$emit('menu', $event.currentTarget)"
          ><i class="material-icons" aria-hidden="true">more_horiz</i></button>
      </footer>
    </article>
  `,
};
