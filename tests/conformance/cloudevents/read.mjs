// Reads a public topic from its start with kafkajs and the SDK of CloudEvents: one line of JSON for each event.
//
//   node read.mjs BOOTSTRAP TOPIC COUNT
import { CloudEvent, Kafka as Binding } from "cloudevents";
import { Kafka, logLevel } from "kafkajs";

const [bootstrap, topic, count] = process.argv.slice(2);
const kafka = new Kafka({ brokers: bootstrap.split(","), logLevel: logLevel.ERROR });
const consumer = kafka.consumer({ groupId: `conformance-${process.pid}-${Date.now()}` });
const texts = (headers) => Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.toString()]));

let read = 0;
const enough = new Promise((resolve, reject) => {
  const eachMessage = async ({ message }) => {
    const event = Binding.toEvent({ ...message, headers: texts(message.headers), value: message.value.toString() });
    if (!(event instanceof CloudEvent) || !event.validate()) reject(new Error(`no CloudEvent at ${message.offset}`));
    console.log(JSON.stringify({ ...event.toJSON(), key: message.key.toString() }));
    read += 1;
    if (read >= Number(count)) resolve();
  };
  consumer
    .connect()
    .then(() => consumer.subscribe({ topics: [topic], fromBeginning: true }))
    .then(() => consumer.run({ eachMessage: (given) => eachMessage(given).catch(reject) }))
    .catch(reject);
});
await enough;
await consumer.disconnect();
