// Reads every file named in a list as Backstage does, and asks its policies and kind validators for a verdict.
// usage: node catalog_model.mjs LIST   (one path a line; relative to the working directory)

import fs from "node:fs";
import path from "node:path";
import * as model from "@backstage/catalog-model";
import { parseAllDocuments } from "yaml";

const policy = model.EntityPolicies.allOf([
  new model.SchemaValidEntityPolicy(),
  new model.DefaultNamespaceEntityPolicy(),
  new model.NoForeignRootFieldsEntityPolicy(),
  new model.FieldFormatEntityPolicy(),
]);
// In Backstage's own order: each entity is shown to one after the other until one of them takes it.
const validators = [
  model.apiEntityV1alpha1Validator,
  model.componentEntityV1alpha1Validator,
  model.resourceEntityV1alpha1Validator,
  model.groupEntityV1alpha1Validator,
  model.locationEntityV1alpha1Validator,
  model.userEntityV1alpha1Validator,
  model.systemEntityV1alpha1Validator,
  model.domainEntityV1alpha1Validator,
];

const counts = { documents: 0, backstage: 0, refused: 0 };
for (const file of fs.readFileSync(process.argv[2], "utf8").split("\n").filter(Boolean)) {
  for (const document of parseAllDocuments(fs.readFileSync(file, "utf8"), { merge: false })) {
    counts.documents += 1;
    const why = document.errors.length > 0 ? document.errors[0].message : await verdict(document.toJSON(), file);
    if (why !== null) {
      counts.refused += 1;
      console.log(`${file}: ${why.split("\n")[0]}`);
    }
  }
}
console.log(JSON.stringify(counts));
process.exitCode = counts.refused === 0 ? 0 : 1;

// null, or why the entity is refused. No validator takes a kind that Backstage does not know; here that is no fault.
async function verdict(data, file) {
  const known = String(data?.apiVersion).startsWith("backstage.io/");
  if (known) counts.backstage += 1;
  const text = data?.spec?.definition?.$text;
  if (typeof text === "string") data.spec.definition = fs.readFileSync(path.join(path.dirname(file), text), "utf8");
  try {
    const entity = await policy.enforce(data);
    for (const validator of validators) {
      if (await validator.check(entity)) return null;
    }
    return known ? "no validator takes it" : null;
  } catch (error) {
    return String(error.message ?? error);
  }
}
