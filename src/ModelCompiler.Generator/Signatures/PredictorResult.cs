using ModelCompiler.Manifests;

namespace ModelCompiler.Generator.Signatures;

/// <summary>What became of a manifest: a predictor, unless a diagnostic says why not.</summary>
internal sealed record PredictorResult(PredictorModel? Model, EquatableArray<ReportedDiagnostic> Diagnostics);
