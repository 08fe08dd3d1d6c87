// Sends events to an inbound topic with kafkajs and the SDK of CloudEvents.
//
//   node send.mjs BOOTSTRAP TOPIC binary|structured < EVENTS        a line of JSON for each event
import { readFileSync } from "node:fs";
import { CloudEvent, Kafka as Binding } from "cloudevents";
import { Kafka, Partitioners, logLevel } from "kafkajs";

const [bootstrap, topic, mode] = process.argv.slice(2);
const kafka = new Kafka({ brokers: bootstrap.split(","), logLevel: logLevel.ERROR });
const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });

// The SDK names what is not there as undefined, which kafkajs does not take.
const present = (headers) => Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));

const messages = readFileSync(0, "utf8")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => new CloudEvent(JSON.parse(line)))
  .map((event) => {
    const { headers, value } = mode === "binary" ? Binding.binary(event) : Binding.structured(event);
    return { headers: present(headers), value: typeof value === "string" ? value : JSON.stringify(value) };
  });
await producer.connect();
await producer.send({ topic, messages, acks: -1 });
await producer.disconnect();
