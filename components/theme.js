// Light, dark or as the system says; the choice stays in this browser.
const KEY = "printlab.theme";
const CHOICES = ["system", "light", "dark"];
const stored = () => {
  try {
    const value = localStorage.getItem(KEY);
    return CHOICES.includes(value) ? value : "system";
  } catch {
    return "system";
  }
};
const apply = (choice) => setDark(choice === "system" ? null : choice === "dark");

export default {
  template: `
    <div v-if="choosable" class="pl-theme" role="group" aria-label="Theme">
      <button v-for="option in choices" :key="option.value" type="button" class="pl-theme-option"
        :aria-pressed="String(choice === option.value)" @click.stop="choose(option.value)">{{ option.label }}</button>
    </div>
    <span v-else hidden></span>`,
  props: { choosable: Boolean },
  data() {
    return {
      choice: stored(),
      choices: [
        { value: "system", label: "System" },
        { value: "light", label: "Light" },
        { value: "dark", label: "Dark" },
      ],
    };
  },
  mounted() {
    apply(this.choice);
  },
  methods: {
    choose(choice) {
      this.choice = choice;
      try {
        localStorage.setItem(KEY, choice);
      } catch {
        // a browser that keeps nothing still shows the choice until the page is left
      }
      apply(choice);
    },
  },
};
