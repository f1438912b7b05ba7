import { Refusal } from "./refusal.js";

// Reads files and makes normals in a worker of its own; a new question ends the one before.
export class Reader {
  constructor(workerUrl) {
    this.workerUrl = workerUrl;
  }
  async glb(bytes) {
    return (await this.ask({ bytes }, [bytes])).part;
  }
  async file(file) {
    return (await this.ask({ file })).part;
  }
  async paths(bytes) {
    return (await this.ask({ path: bytes }, [bytes])).paths;
  }
  async normals(positions) {
    return (await this.ask({ positions })).normals;
  }
  ask(question, transferred = []) {
    this.stop();
    const worker = (this.worker = new Worker(this.workerUrl));
    return new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => {
        worker.terminate();
        if (data.refused) reject(new Refusal(data.refused));
        else resolve(data);
      };
      worker.onerror = (event) => {
        event.preventDefault();
        reject(new Refusal("unreadable"));
      };
      worker.postMessage(question, transferred);
    });
  }
  stop() {
    this.worker?.terminate();
  }
}
