// One of a few: native radio buttons underneath, so keyboard and screen readers work by themselves.
export default {
  template: `
    <fieldset class="pl-choice" :class="['pl-choice-' + variant, {'pl-choice-invalid': error}]"
      :aria-describedby="error ? id + '-error' : null">
      <legend>{{ label }}</legend>
      <div class="pl-choice-options">
        <label v-for="option in options" :key="option.value" class="pl-option">
          <input type="radio" :name="id" :value="option.value" :disabled="option.disabled" v-model="current"
            @change="$emit('update:value', current)">
          <span v-if="option.color" class="pl-swatch" :style="{background: option.color}"></span>
          <span class="pl-option-text">
            <span class="pl-option-label">{{ option.label }}</span>
            <span v-if="option.note" class="pl-option-note">{{ option.note }}</span>
          </span>
        </label>
        <slot v-if="!options.length"><span class="pl-hint">{{ empty }}</span></slot>
      </div>
      <div v-if="error" :id="id + '-error'" class="pl-error" role="alert">{{ error }}</div>
    </fieldset>`,
  props: { id: String, label: String, variant: String, options: Array, value: String, error: String, empty: String },
  emits: ["update:value"],
  data() {
    return { current: this.value };
  },
  watch: {
    value(chosen) {
      this.current = chosen;
    },
  },
  methods: {
    focus() {
      const inputs = [...this.$el.querySelectorAll("input")];
      (inputs.find((input) => input.checked) ?? inputs[0])?.focus();
    },
  },
};
