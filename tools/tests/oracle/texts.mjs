// What Backstage's YAML library reads in texts: a line of JSON in, {"texts": [base64, ...]}; a line out, {"read": [...]}.
//
// Of each text: null where it is refused, else its documents, every value with its type: ["text", "a"], ["int", "1"],
// ["float", "1.5"], ["other", true], ["list", [...]], ["map", [[key, value], ...]].
import { createInterface } from 'node:readline';
import { parseAllDocuments } from 'yaml';

function told(value) {
  if (typeof value === 'string') return ['text', value];
  if (typeof value === 'bigint') return ['int', value.toString()];
  if (typeof value === 'number') return ['float', Object.is(value, -0) ? '-0' : String(value)];
  if (Array.isArray(value)) return ['list', value.map(told)];
  if (value === null || typeof value === 'boolean') return ['other', value];
  return ['map', [...value].map(([key, held]) => [keyOf(key), told(held)])];
}

// As a plain object would have it.
function keyOf(key) {
  if (key === null) return '';
  if (typeof key === 'object') throw new Error('a key that is a list or a mapping');
  return String(key);
}

function read(text) {
  try {
    const documents = parseAllDocuments(text, { merge: false, intAsBigInt: true });
    if (documents.some(document => document.errors.length > 0)) return null;
    return [...documents].map(document => told(document.toJS({ mapAsMap: true })));
  } catch (refusal) {
    return null;
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const texts = JSON.parse(line).texts.map(text => Buffer.from(text, 'base64').toString('utf8'));
  process.stdout.write(`${JSON.stringify({ read: texts.map(read) })}\n`);
}
