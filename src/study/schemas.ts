/**
 * @file All JSON schemas that are published: those of runs, and those of studies.
 */
import { z } from 'zod';
import { jsonSchemas } from '../training/runDescription.js';
import { Measurement } from './measurement.js';
import { Results } from './results.js';
import { StudyDescription } from './studyDescription.js';

/** By file name in `schemas/`. */
export function publishedSchemas(): Record<string, unknown> {
  return {
    ...jsonSchemas(),
    'study.schema.json': z.toJSONSchema(StudyDescription),
    'measurement.schema.json': z.toJSONSchema(Measurement),
    'results.schema.json': z.toJSONSchema(Results),
  };
}
