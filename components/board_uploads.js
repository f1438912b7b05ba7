import { reactive, shallowReactive } from "vue";
import { begun, percent, progress, refusal, send } from "sending";

// Files on their way to jobs on the board, one a job. Only the card of that job is drawn anew while its file moves.
export class CardUploads {
  // `onArrived(id, staged)`: the server has the file of this job under the id `staged`, and nothing is done with it yet.
  constructor(onArrived) {
    this.onArrived = onArrived;
    this.states = shallowReactive(new Map());
    this.requests = new Map();
  }

  // What a card shows: `problem` is why the file was not taken, `again` the file that may be sent once more.
  of(id) {
    return this.states.get(id);
  }

  get underWay() {
    return [...this.states.values()].some((state) => !state.problem && !state.arrived);
  }

  // `rules` say what the job takes; without them `closed` says why it takes nothing.
  take(id, files, rules, closed) {
    const shown = this.of(id);
    if (!files.length || (shown && !shown.problem)) return; // the one before is on its way
    if (!rules) return this.refuse(id, files[0], closed);
    if (files.length > 1) return this.refuse(id, files[0], "One file at a time: drop the one that is to be printed.");
    const sentence = refusal(files[0], rules);
    if (sentence) return this.refuse(id, files[0], sentence);
    this.send(id, files[0], rules);
  }

  send(id, file, rules) {
    const state = reactive({ ...begun(file), problem: "", again: null });
    this.states.set(id, state);
    const failed = (sentence, again) => this.refuse(id, file, sentence, again ? () => this.send(id, file, rules) : null);
    this.requests.set(id, send(file, rules, state, (answer) => this.onArrived(id, answer.id), failed));
  }

  refuse(id, file, problem, again = null) {
    this.states.set(id, reactive({ ...begun(file), problem, again }));
  }

  // The server is done with the file of this job: it counts, or `problem` says why not.
  ended(id, problem) {
    const state = this.of(id);
    if (!state?.arrived) return;
    if (problem) state.problem = problem;
    else this.states.delete(id);
  }

  stop(id) {
    this.requests.get(id)?.abort();
    this.requests.delete(id);
    this.states.delete(id);
  }

  stopAll() {
    for (const id of [...this.requests.keys()]) this.stop(id);
  }
}

// The lines of a card about its file.
export const CardUpload = {
  props: { id: Number, uploads: Object },
  computed: {
    state() {
      return this.uploads.of(this.id);
    },
    percent() {
      return percent(this.state);
    },
    progress() {
      return progress(this.state);
    },
  },
  template: `
    <div v-if="state" class="plb-upload" @click.stop>
      <p v-if="state.problem" class="plb-upload__problem" role="alert">{{ state.problem }}</p>
      <template v-else>
        <p class="plb-upload__name" :title="state.name">{{ state.name }}</p>
        <div class="pl-bar" role="progressbar" :aria-label="'Upload for job ' + id" aria-valuemin="0" aria-valuemax="100"
             :aria-valuenow="percent"><span :style="{ width: percent + '%' }"></span></div>
      </template>
      <div class="plb-upload__line">
        <p v-if="!state.problem" class="plb-upload__progress">{{ progress }}</p>
        <div v-if="!state.arrived || state.problem" class="plb-upload__ways">
          <button v-if="state.again" type="button" class="plb-act" @click="state.again()">Try again</button>
          <button type="button" class="plb-act" :aria-label="state.problem ? null : 'Stop the upload'" @click="uploads.stop(id)"
            >{{ state.problem ? "Close" : "Stop" }}</button>
        </div>
      </div>
    </div>
  `,
};
