// What is looked for on the board: text, filters, order and view. It says the wish as parameters of an address; what
// counts comes back from the server.

const KEPT = ["order", "view"]; // stay when all filters are taken away
const VIEWS = [
  { value: "needs", label: "Needs you", icon: "notification_important" },
  { value: "board", label: "Board", icon: "view_column" },
  { value: "table", label: "Table", icon: "table_rows" },
];

// The same things may be looked for in another order.
function sorted(params) {
  return JSON.stringify(params.map((param) => param.join("=")).sort());
}

export const BoardBar = {
  props: {
    query: Object, wanted: Array, orders: Array, needs: Number, groups: Array, compact: Boolean, tabs: Boolean, choosing: Boolean,
    views: Array, sound: Boolean, desktop: Boolean, found: Number,
  },
  emits: ["look", "filters", "density", "layout", "choosing", "keys", "sound", "desktop", "save", "drop"],
  data() {
    return { typed: this.query.q, open: null, name: "", shared: false }; // open: which panel is
  },
  computed: {
    kinds() {
      return VIEWS;
    },
    address() {
      return sorted(this.query.params);
    },
    chips() {
      return this.query.chips;
    },
  },
  watch: {
    // What somebody types on is newer than the answer to what they typed before.
    "query.q"(text) {
      if (document.activeElement !== this.$refs.search) this.typed = text;
    },
  },
  mounted() {
    document.addEventListener("pointerdown", this.closeOutside, true);
  },
  unmounted() {
    document.removeEventListener("pointerdown", this.closeOutside, true);
  },
  methods: {
    focusSearch() {
      this.$refs.search.focus();
      this.$refs.search.select();
    },
    // Each key at once: of what is typed while the server looks, the last counts there.
    type(event) {
      this.typed = event.target.value;
      this.put("q", this.typed);
    },
    searchKey(event) {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      if (!this.typed) return this.$refs.search.blur();
      this.typed = "";
      this.put("q", "");
    },
    others(name) {
      return this.wanted.filter(([other]) => other !== name);
    },
    put(name, value) {
      this.$emit("look", value ? [...this.others(name), [name, value]] : this.others(name));
    },
    toggle(name, value, on) {
      const rest = this.wanted.filter(([key, other]) => key !== name || other !== value);
      this.$emit("look", on ? [...rest, [name, value]] : rest);
    },
    clear() {
      this.typed = "";
      this.$emit("look", this.wanted.filter(([name]) => KEPT.includes(name)));
    },
    day(name) {
      return this.query.params.find(([other]) => other === name)?.[1] ?? "";
    },
    showPanel(panel) {
      this.open = this.open === panel ? null : panel;
      if (this.open === "filters") this.$emit("filters");
    },
    openFilters() {
      this.showPanel("filters");
    },
    isOpen() {
      return this.open !== null;
    },
    close(refocus) {
      const button = this.$el.querySelector(".plb-tool[aria-expanded=true]");
      this.open = null;
      if (refocus) button?.focus();
    },
    closeOutside(event) {
      const inside = event.target instanceof Element && event.target.closest(".plb-filters, .plb-tool[aria-expanded]");
      if (this.open && !inside) this.close();
    },
    isShown(view) {
      return sorted(view.params) === this.address;
    },
    save() {
      const name = this.name.trim();
      if (!name) return;
      this.$emit("save", { name, shared: this.shared });
      this.name = "";
    },
  },
  template: `
    <div class="plb-bar">
      <div class="plb-bar__row">
        <label class="plb-search" title="Search (/)">
          <i class="material-icons" aria-hidden="true">search</i><span class="pl-sr">Search jobs</span>
          <input ref="search" type="search" :value="typed" placeholder="Name, number, file, course…" maxlength="200" autocomplete="off" spellcheck="false"
                 aria-keyshortcuts="/" @input="type" @keydown="searchKey">
          <kbd v-if="!typed" aria-hidden="true">/</kbd>
        </label>
        <div class="plb-seg" role="group" aria-label="View">
          <button v-for="view in kinds" :key="view.value" type="button" :aria-pressed="String(query.view === view.value)"
                  :title="view.label" @click="put('view', view.value)">
            <i class="material-icons" aria-hidden="true">{{ view.icon }}</i><span>{{ view.label }}</span
            ><span v-if="view.value === 'needs'" class="plb-count">{{ needs }}</span></button>
        </div>
        <div class="plb-bar__filter">
          <button type="button" class="plb-tool" :aria-expanded="String(open === 'filters')" title="Filter" @click="openFilters">
            <i class="material-icons" aria-hidden="true">filter_list</i><span>Filter</span><b v-if="chips.length" class="plb-tool__on">{{ chips.length }}</b></button>
          <section v-if="open === 'filters'" class="plb-filters" aria-label="Filters" @keydown.esc.stop="close(true)">
            <header><b>Show only</b><button type="button" class="plb-link" :disabled="!query.narrowed" @click="clear">Clear all</button></header>
            <p v-if="!groups" class="plb-filters__wait">Counting…</p>
            <template v-else>
              <fieldset v-for="group in groups" :key="group.name">
                <legend>{{ group.label }}</legend>
                <p v-if="!group.values.length" class="plb-filters__none">None among the open jobs</p>
                <label v-for="one in group.values" :key="one.value" class="plb-choice" :class="{ 'is-none': !one.count && !one.on }">
                  <input type="checkbox" :checked="one.on" @change="toggle(group.name, one.value, $event.target.checked)">
                  <span>{{ one.label }}</span><span class="plb-count">{{ one.count }}</span></label>
              </fieldset>
              <fieldset>
                <legend>Sent</legend>
                <label class="plb-day"><span>from</span><input type="date" :value="day('since')" @change="put('since', $event.target.value)"></label>
                <label class="plb-day"><span>to</span><input type="date" :value="day('until')" @change="put('until', $event.target.value)"></label>
              </fieldset>
            </template>
            <footer><span class="plb-filters__note">Counts are of open jobs.</span>
              <button type="button" class="plb-act plb-act--next" @click="close(true)">{{ found === 1 ? "Show 1 open job" : "Show " + found + " open jobs" }}</button></footer>
          </section>
        </div>
        <label class="plb-sort" title="Sort"><i class="material-icons" aria-hidden="true">sort</i><span class="pl-sr">Sort by</span>
          <select :value="query.order" @change="put('order', $event.target.value)">
            <option v-for="order in orders" :key="order.value" :value="order.value">{{ order.label }}</option></select></label>
        <div class="plb-bar__filter">
          <button type="button" class="plb-tool" :aria-expanded="String(open === 'views')" title="Saved views" @click="showPanel('views')">
            <i class="material-icons" aria-hidden="true">bookmark_border</i><span>Views</span></button>
          <section v-if="open === 'views'" class="plb-filters plb-filters--views" aria-label="Saved views" @keydown.esc.stop="close(true)">
            <p v-if="!views.length" class="plb-filters__none">What you look for again and again can have a name: filter, sort and search, then save it here.</p>
            <ul v-else class="plb-views">
              <li v-for="view in views" :key="view.id">
                <button type="button" class="plb-view" :aria-pressed="String(isShown(view))" @click="$emit('look', view.params); close(true)">
                  <span>{{ view.name }}</span><small v-if="view.owner">{{ view.owner }}</small><small v-else-if="view.is_shared">shared</small></button>
                <button v-if="!view.owner" type="button" class="plb-tool plb-tool--icon" :aria-label="'Delete the view ' + view.name" :title="'Delete ' + view.name" @click="$emit('drop', view.id)">
                  <i class="material-icons" aria-hidden="true">delete_outline</i></button></li>
            </ul>
            <form class="plb-save" @submit.prevent="save">
              <label><span class="pl-sr">Name of the view</span><input v-model="name" maxlength="60" placeholder="Save what is shown as…" autocomplete="off"></label>
              <label class="plb-choice"><input v-model="shared" type="checkbox"><span>Share it with the other staff</span></label>
              <button type="submit" class="plb-act plb-act--next" :disabled="!name.trim()">Save view</button>
            </form>
          </section>
        </div>
        <span class="pl-grow"></span>
        <slot></slot>
        <button type="button" class="plb-tool" :aria-pressed="String(choosing)" title="Choose several jobs (x)" @click="$emit('choosing')">
          <i class="material-icons" aria-hidden="true">checklist</i><span>Choose</span></button>
        <div class="plb-bar__filter">
          <button type="button" class="plb-tool plb-tool--icon" :aria-expanded="String(open === 'tell')" aria-label="Tell me of new jobs" title="Tell me of new jobs" @click="showPanel('tell')">
            <i class="material-icons" aria-hidden="true">{{ sound || desktop ? "notifications_active" : "notifications_none" }}</i></button>
          <section v-if="open === 'tell'" class="plb-filters plb-filters--tell" aria-label="Tell me of new jobs" @keydown.esc.stop="close(true)">
            <header><b>Tell me of new jobs</b></header>
            <label class="plb-choice"><input type="checkbox" :checked="sound" @change="$emit('sound')"><span>With a sound</span></label>
            <label class="plb-choice"><input type="checkbox" :checked="desktop" @change="$emit('desktop', $event.target)"><span>With a notice on the desktop</span></label>
            <p class="plb-filters__note">As long as a board is open in this browser.</p>
          </section>
        </div>
        <button v-if="query.view !== 'table'" type="button" class="plb-tool plb-tool--icon plb-tool--layout" :aria-pressed="String(tabs)" aria-label="One column at a time"
                :title="tabs ? 'Show all columns' : 'Show one column at a time'" @click="$emit('layout')">
          <i class="material-icons" aria-hidden="true">{{ tabs ? "view_week" : "tab" }}</i></button>
        <button v-if="query.view !== 'table'" type="button" class="plb-tool plb-tool--icon plb-tool--density" aria-label="Compact cards" :aria-pressed="String(compact)"
                :title="compact ? 'Show whole cards' : 'Show compact cards, twelve in a column'" @click="$emit('density')">
          <i class="material-icons" aria-hidden="true">{{ compact ? "view_agenda" : "view_headline" }}</i></button>
        <button type="button" class="plb-tool plb-tool--icon plb-tool--keys" aria-label="Keyboard shortcuts" title="Keyboard shortcuts (?)" @click="$emit('keys')">
          <i class="material-icons" aria-hidden="true">keyboard</i></button>
      </div>
      <ul v-if="chips.length || query.q" class="plb-chips" aria-label="Shown are only">
        <li v-if="query.q"><button type="button" class="plb-chip" @click="typed = ''; put('q', '')" :aria-label="'Do not search for ' + query.q + ' any more'">
          “{{ query.q }}”<i class="material-icons" aria-hidden="true">close</i></button></li>
        <li v-for="chip in chips" :key="chip.name + chip.value"><button type="button" class="plb-chip" :aria-label="'Take away the filter ' + chip.label"
          @click="toggle(chip.name, chip.value, false)">{{ chip.label }}<i class="material-icons" aria-hidden="true">close</i></button></li>
        <li v-if="chips.length > 1 || (chips.length && query.q)"><button type="button" class="plb-link" @click="clear">Clear all</button></li>
      </ul>
    </div>
  `,
};
