// One file, sent as the raw body of a request as soon as it is chosen: real progress, and checks before a byte is sent.
const MB = 1_000_000;
const size = (bytes) =>
  bytes < 1000 ? `${bytes} bytes` : bytes < MB ? `${(bytes / 1000).toFixed(0)} kB` : `${(bytes / MB).toFixed(1)} MB`;

export default {
  template: `
    <div class="pl-upload">
      <label v-if="!file && !sending" class="pl-drop"
        :class="{'pl-drop-over': over, 'pl-drop-compact': compact, 'pl-drop-invalid': problem}"
        @dragenter.prevent="over = true" @dragover.prevent="over = true" @dragleave="over = false" @drop.prevent="drop">
        <q-icon name="upload_file" aria-hidden="true"></q-icon>
        <span class="pl-drop-title">{{ touch ? title.replace("Drop or choose", "Choose") : title }}</span>
        <span class="pl-drop-hint">{{ hint }}</span>
        <input ref="input" type="file" :accept="accept" :aria-describedby="problem ? errorId : null"
          :aria-invalid="problem ? 'true' : null" @change="pick">
      </label>
      <div v-else-if="sending" class="pl-file">
        <q-icon name="upload_file" aria-hidden="true"></q-icon>
        <div class="pl-file-text">
          <span class="pl-file-name">{{ sending.name }}</span>
          <span class="pl-file-note">{{ note }}</span>
          <div class="pl-bar" role="progressbar" aria-label="Upload" aria-valuemin="0" aria-valuemax="100"
            :aria-valuenow="percent"><span :style="{width: percent + '%'}"></span></div>
        </div>
        <q-btn flat class="pl-btn-icon" icon="close" aria-label="Stop the upload" @click="stop"></q-btn>
      </div>
      <div v-else class="pl-file">
        <q-icon name="check_circle" class="pl-done" aria-hidden="true"></q-icon>
        <div class="pl-file-text" role="status">
          <span class="pl-file-name">{{ file.name }}</span>
          <span class="pl-file-note">{{ sizeOf(file.bytes) }} · uploaded</span>
        </div>
        <q-btn flat class="pl-btn-icon" icon="close" aria-label="Remove the file" @click="remove"></q-btn>
      </div>
      <div v-if="problem" :id="errorId" class="pl-error" role="alert">{{ problem }}</div>
    </div>`,
  props: {
    url: String,
    purpose: String,
    extensions: Array,
    maxMb: Number,
    title: String,
    compact: Boolean,
    file: Object,
    error: String,
  },
  emits: ["started", "uploaded", "failed", "removed"],
  data() {
    return { over: false, sending: null, own: "", touch: matchMedia("(pointer: coarse)").matches };
  },
  computed: {
    errorId() {
      return `${this.$el?.id || "upload"}-error`;
    },
    // Phones grey out files whose type they do not know, so there the check after choosing has to do.
    accept() {
      return this.touch ? null : this.extensions.join(",");
    },
    hint() {
      return `${this.extensions.join(" ")} up to ${this.maxMb} MB`;
    },
    problem() {
      return this.own || this.error;
    },
    percent() {
      return this.sending?.total ? Math.floor((this.sending.sent / this.sending.total) * 100) : 0;
    },
    note() {
      const { sent, total, speed } = this.sending;
      if (sent >= total) return `${size(total)} · checking`;
      return `${this.percent} % of ${size(total)}` + (speed ? ` · ${size(speed)}/s` : "");
    },
  },
  watch: {
    file() {
      this.sending = null;
    },
    error(sentence) {
      if (sentence) this.sending = null;
    },
  },
  beforeUnmount() {
    this.request?.abort();
  },
  methods: {
    sizeOf: size,
    focus() {
      this.$refs.input?.focus();
    },
    pick(event) {
      this.take([...event.target.files]);
      event.target.value = "";
    },
    drop(event) {
      this.over = false;
      this.take([...event.dataTransfer.files]);
    },
    take(files) {
      if (!files.length) return;
      if (files.length > 1) return this.fail("Choose one file. Each file becomes a job of its own.");
      const refusal = this.refusal(files[0]);
      if (refusal) this.fail(refusal);
      else this.send(files[0]);
    },
    refusal(file) {
      const name = file.name.toLowerCase();
      if (!this.extensions.some((ending) => name.endsWith(ending)))
        return `“${file.name}” is not a file this lab takes. Save it as ${this.extensions.join(", ")}.`;
      if (file.size > this.maxMb * MB)
        return `“${file.name}” has ${size(file.size)}; this lab takes up to ${this.maxMb} MB. Reduce it and choose it again.`;
      if (file.size === 0) return `“${file.name}” is empty. Export it again and choose it.`;
      return "";
    },
    send(file) {
      this.own = "";
      this.sending = { name: file.name, sent: 0, total: file.size, speed: 0 };
      this.$emit("started");
      const begun = performance.now();
      const request = (this.request = new XMLHttpRequest());
      const query = new URLSearchParams({ name: file.name, purpose: this.purpose });
      request.open("POST", `${window.path_prefix ?? ""}${this.url}?${query}`);
      request.setRequestHeader("Content-Type", "application/octet-stream");
      request.upload.onprogress = (event) => {
        if (!this.sending) return;
        const seconds = (performance.now() - begun) / 1000;
        this.sending.sent = event.loaded;
        this.sending.speed = seconds > 0.3 ? event.loaded / seconds : 0;
      };
      request.onload = () => this.answered(request);
      request.onerror = () => this.fail("The upload broke off. Check the connection and choose the file again.");
      request.send(file);
    },
    answered(request) {
      let answer = {};
      try {
        answer = JSON.parse(request.responseText);
      } catch {
        // a proxy's own error page: the number has to do
      }
      if (request.status === 200 && answer.id) {
        this.sending.sent = this.sending.total; // stays until the page has looked the file up
        this.$emit("uploaded", { id: answer.id, name: answer.name, bytes: answer.bytes });
      } else if (request.status === 413 && !answer.detail) {
        this.fail(`The file is larger than ${this.maxMb} MB, the most this lab accepts. Reduce it and choose it again.`);
      } else {
        this.fail(answer.detail || `The server did not take the file (${request.status}). Choose it again in a moment.`);
      }
    },
    fail(detail) {
      this.sending = null;
      this.own = detail;
      this.$emit("failed", { detail });
    },
    stop() {
      this.request?.abort();
      this.sending = null;
      this.$emit("removed");
    },
    remove() {
      this.own = "";
      this.$emit("removed");
      this.$nextTick(() => this.focus());
    },
  },
};
