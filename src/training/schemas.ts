/**
 * @file The published JSON schemas, made from the sources.
 */
import { z } from 'zod';
import { Diagnosis } from '../metrics/diagnosis.js';
import { ClassifierDescription, ClassifierMetricsLine, EvaluationDescription } from './classifierDescription.js';
import { MetricsLine, RunDescription } from './runDescription.js';

/** By file name in `schemas/`. */
export function jsonSchemas(): Record<string, unknown> {
  return {
    'run.schema.json': z.toJSONSchema(RunDescription),
    'metrics.schema.json': z.toJSONSchema(MetricsLine),
    'diagnosis.schema.json': z.toJSONSchema(Diagnosis),
    'classifier.schema.json': z.toJSONSchema(ClassifierDescription),
    'classifier-metrics.schema.json': z.toJSONSchema(ClassifierMetricsLine),
    'evaluation.schema.json': z.toJSONSchema(EvaluationDescription),
  };
}
