import {
  type Attributes,
  context,
  type Context,
  isSpanContextValid,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/**
 * Exports traces by OTLP over HTTP when an endpoint is set, and does nothing otherwise: the SDK is not even loaded.
 * Call it before anything that makes spans.
 * @returns a function that flushes and stops the export
 */
export async function startTracing(app: string, otlpEndpoint: string | undefined): Promise<() => Promise<void>> {
  if (!otlpEndpoint) return () => Promise.resolve();
  // Not sdk-node: it brings every exporter there is, gRPC and Prometheus among them, 30,000 files that nothing here uses.
  const [{ BatchSpanProcessor, NodeTracerProvider }, { OTLPTraceExporter }, resources] = await Promise.all([
    import('@opentelemetry/sdk-trace-node'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  const { defaultResource, detectResources, envDetector, resourceFromAttributes } = resources;
  const url = `${otlpEndpoint.replace(/\/$/, '')}/v1/traces`;
  const provider = new NodeTracerProvider({
    resource: defaultResource()
      .merge(detectResources({ detectors: [envDetector] }))
      .merge(resourceFromAttributes({ 'service.name': `paddock-${app}` })),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url }))],
  });
  provider.register();
  return () => provider.shutdown();
}

/** Runs `work` within a span of its own; an error it throws is noted on the span and thrown on. */
export function inSpan<T>(name: string, attributes: Attributes, work: (span: Span) => T | Promise<T>): Promise<T> {
  return runSpan(context.active(), name, attributes, SpanKind.INTERNAL, work);
}

/**
 * Runs `work` within a span that continues the trace of another process, job or message. Without a valid
 * `traceparent` (W3C Trace Context) it starts a trace.
 */
export function continueTrace<T>(
  traceparent: string | null | undefined,
  name: string,
  attributes: Attributes,
  work: (span: Span) => T | Promise<T>,
): Promise<T> {
  return runSpan(parentContext(traceparent), name, attributes, SpanKind.CONSUMER, work);
}

/** The current span as a W3C `traceparent`, to be sent along; `undefined` when nothing is being traced. */
export function traceparentOf(): string | undefined {
  const span = trace.getActiveSpan()?.spanContext();
  if (!span || !isSpanContextValid(span)) return undefined;
  return `00-${span.traceId}-${span.spanId}-${span.traceFlags.toString(16).padStart(2, '0')}`;
}

/** The context that continues a trace from elsewhere; the current one where `traceparent` is missing or malformed. */
export function parentContext(traceparent: string | null | undefined): Context {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent ?? '') ?? [];
  if (!traceId || !spanId || !flags) return context.active();
  return trace.setSpanContext(context.active(), {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16),
    isRemote: true,
  });
}

function runSpan<T>(
  parent: Context,
  name: string,
  attributes: Attributes,
  kind: SpanKind,
  work: (span: Span) => T | Promise<T>,
): Promise<T> {
  return trace.getTracer('paddock').startActiveSpan(name, { kind, attributes }, parent, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : String(error) });
      throw error;
    } finally {
      span.end();
    }
  });
}
