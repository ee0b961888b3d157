/**
 * @file All JSON schemas that are published, made from the sources.
 */
import { z } from 'zod';
import { Diagnosis } from '../evaluation/diagnosis.js';
import {
  ClassifierDescription,
  ClassifierMetricsLine,
  EvaluationDescription,
} from '../training/classifier/classifierDescription.js';
import { MetricsLine, RunDescription } from '../training/run/runDescription.js';
import { ComparisonDescription } from './comparison/comparison.js';
import { ComparisonResults } from './comparison/comparisonResults.js';
import { Measurement } from './measure/measurement.js';
import { Results } from './measure/results.js';
import { StudyDescription } from './plan/studyDescription.js';

/** By file name in `schemas/`. */
export function publishedSchemas(): Record<string, unknown> {
  return {
    'run.schema.json': z.toJSONSchema(RunDescription),
    'metrics.schema.json': z.toJSONSchema(MetricsLine),
    'diagnosis.schema.json': z.toJSONSchema(Diagnosis),
    'classifier.schema.json': z.toJSONSchema(ClassifierDescription),
    'classifier-metrics.schema.json': z.toJSONSchema(ClassifierMetricsLine),
    'evaluation.schema.json': z.toJSONSchema(EvaluationDescription),
    'study.schema.json': z.toJSONSchema(StudyDescription),
    'measurement.schema.json': z.toJSONSchema(Measurement),
    'results.schema.json': z.toJSONSchema(Results),
    'comparison.schema.json': z.toJSONSchema(ComparisonDescription),
    'comparison-results.schema.json': z.toJSONSchema(ComparisonResults),
  };
}
