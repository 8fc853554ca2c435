using ModelCompiler.Diagnostics;
using ModelCompiler.Generator.Naming;
using ModelCompiler.Manifests;

namespace ModelCompiler.Generator.Signatures;

/// <summary>Makes the predictor's model of a manifest, or says why there is none.</summary>
internal sealed class SignatureReader
{
    private readonly ModelManifest _manifest;
    private readonly List<ReportedDiagnostic> _diagnostics = [];

    private SignatureReader(ModelManifest manifest) => _manifest = manifest;

    public static PredictorResult Read(ModelManifest manifest) => new SignatureReader(manifest).Read();

    private PredictorResult Read()
    {
        string? className = ClassName();
        CheckProviders();
        foreach (var value in _manifest.Inputs.Concat(_manifest.Outputs))
        {
            CheckSupported(value);
        }

        if (className is null || _diagnostics.Count > 0)
        {
            return new PredictorResult(null, new(_diagnostics));
        }

        bool hasState = _manifest.Inputs.Any(input => input.State is not null);
        bool hasBatch = !hasState && BatchAxis.IsOnlyOpenSize(_manifest.Inputs);
        var members = new MemberReader(_manifest, className, hasBatch);
        var inputs = _manifest.Inputs.Select(members.ReadInput).ToList();
        var outputs = _manifest.Outputs.Select(members.ReadOutput).ToList();
        foreach (string renamed in members.Renamed)
        {
            Report(DiagnosticTable.NamesCollide, _manifest.Name, renamed);
        }

        var model = new PredictorModel
        {
            Namespace = CSharpName.Namespace(_manifest.Namespace),
            ClassName = className,
            IsPublic = _manifest.IsPublic,
            Manifest = _manifest,
            Inputs = new(members.FinishInputs(inputs)),
            Outputs = new(members.FinishOutputs(outputs)),
            Sizes = new(members.FinishSizes()),
            HasBatch = hasBatch,
            CanBatch = BatchAxis.CanShareRuns(_manifest, hasBatch),
        };

        return new PredictorResult(model, new(_diagnostics));
    }

    private string? ClassName()
    {
        if (_manifest.ClassName is not { } given)
        {
            return CSharpName.Pascal(_manifest.Name, "Model") + "Predictor";
        }

        if (CSharpName.IsTypeName(given) && !EmittedNames.OfPredictor.Contains(given))
        {
            return CSharpName.EscapeTypeName(given);
        }

        Report(DiagnosticTable.TypeNameInvalid, "ClassName", given);
        return null;
    }

    private void CheckProviders()
    {
        foreach (string provider in _manifest.ExecutionProviders.Except(EmittedNames.ExecutionProviders))
        {
            NotSupported($"the execution provider '{provider}' is unknown");
        }
    }

    private void CheckSupported(ManifestValue value)
    {
        if (ElementTypeNames.CSharp(value.ElementType) is null)
        {
            NotSupported($"'{value.Name}' has elements of type {ManifestNames.Of(value.ElementType)}, which .NET has no type for");
        }

        bool isMap = value.Kind == ManifestValueKind.Map || (value.Kind == ManifestValueKind.Sequence && value.KeyType is not null);
        if (isMap && value.KeyType is not (ManifestElementType.Int64 or ManifestElementType.String))
        {
            NotSupported($"'{value.Name}' is a map, and its keys are neither int64 nor strings");
        }

        if (value.Kind is ManifestValueKind.Optional or ManifestValueKind.OptionalSequence && value.KeyType is not null)
        {
            NotSupported($"'{value.Name}' is an optional that holds maps");
        }
    }

    private void NotSupported(string reason) => Report(DiagnosticTable.SignatureNotSupported, _manifest.Name, reason);

    private void Report(DiagnosticDescriptor descriptor, params object?[] arguments) => _diagnostics.Add(ReportedDiagnostic.Of(descriptor, arguments));
}
