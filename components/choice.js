// One of a few: native radio buttons underneath, so keyboard and screen readers work by themselves.
const MANY = 8; // more than these are folded
const SHOWN = 6;

export default {
  template: `
    <fieldset class="pl-choice" :class="['pl-choice-' + variant, {'pl-choice-invalid': error}]"
      :aria-describedby="error ? id + '-error' : null">
      <legend>{{ label }}</legend>
      <div class="pl-choice-options">
        <label v-for="option in shown" :key="option.value" class="pl-option">
          <input type="radio" :name="id" :value="option.value" :disabled="option.disabled" v-model="current"
            @change="$emit('update:value', current)">
          <span v-if="option.color" class="pl-swatch" :style="{background: option.color}"></span>
          <span class="pl-option-text">
            <span class="pl-option-label">{{ option.label }}</span>
            <span v-if="option.note" class="pl-option-note">{{ option.note }}</span>
          </span>
        </label>
        <slot v-if="!options.length && !error"><span class="pl-hint">{{ empty }}</span></slot>
      </div>
      <q-btn v-if="shown.length < options.length" flat dense class="pl-btn-quiet pl-choice-more" icon="expand_more"
        :label="'Show all ' + options.length + ' ' + folds" no-caps @click="unfold"></q-btn>
      <div v-if="error" :id="id + '-error'" class="pl-error" role="alert">{{ error }}</div>
    </fieldset>`,
  props: {
    id: String,
    label: String,
    variant: String,
    options: Array,
    value: String,
    error: String,
    empty: String,
    folds: String, // what many options are called when all but a few may be folded away
  },
  emits: ["update:value"],
  data() {
    return { current: this.value, open: false };
  },
  computed: {
    shown() {
      if (!this.folds || this.open || this.options.length <= MANY) return this.options;
      return this.options.filter((option, index) => index < SHOWN || option.value === this.current);
    },
  },
  watch: {
    // Every answer brings new options: the value alone may be the one before, and something else be tapped meanwhile.
    options() {
      this.current = this.value;
    },
  },
  methods: {
    focus() {
      const inputs = [...this.$el.querySelectorAll("input")];
      this.$el.scrollIntoView({ block: "nearest" });
      (inputs.find((input) => input.checked) ?? inputs[0])?.focus({ preventScroll: true });
    },
    unfold() {
      this.open = true;
      this.$nextTick(() => this.$el.querySelectorAll("input")[SHOWN]?.focus({ preventScroll: true }));
    },
  },
};
