// Backstage's own verdict on entities: a line of JSON in, {"entities": [...]}; a line out, {"verdicts": [...]}.
//
// A verdict is null where its catalog would take the entity, else the first reason why not. What it does with one:
// every default policy enforces, then the processors of the kinds look at it, and one of them has to know it.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const require = createRequire(import.meta.url);
const model = require('@backstage/catalog-model');
const scaffolder = require('@backstage/plugin-scaffolder-common');

const KINDS = ['api', 'component', 'domain', 'group', 'location', 'resource', 'system', 'user'];
const validators = KINDS.map(kind => model[`${kind}EntityV1alpha1Validator`]);
validators.push(scaffolder.templateEntityV1beta3Validator);
const policies = model.EntityPolicies.allOf([
  new model.SchemaValidEntityPolicy(),
  new model.DefaultNamespaceEntityPolicy(),
  new model.NoForeignRootFieldsEntityPolicy(),
  new model.FieldFormatEntityPolicy(model.makeValidator()),
]);

async function verdict(entity) {
  try {
    const enforced = await policies.enforce(entity);
    const known = [];
    for (const validator of validators) {
      known.push(await validator.check(enforced));
    }
    return known.includes(true) ? null : 'no processor knows this kind and version';
  } catch (refusal) {
    return String(refusal.message ?? refusal).split('\n')[0];
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const verdicts = [];
  for (const entity of JSON.parse(line).entities) {
    verdicts.push(await verdict(entity));
  }
  process.stdout.write(`${JSON.stringify({ verdicts })}\n`);
}
