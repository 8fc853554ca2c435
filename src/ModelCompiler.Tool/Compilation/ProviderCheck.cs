using ModelCompiler.Manifests;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Data;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Passes.Precision;
using ModelCompiler.Optimizer.Sessions;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Runtime;
using ModelCompiler.Tool.Inspection;
using ModelCompiler.Tool.Settings;

namespace ModelCompiler.Tool.Compilation;

/// <summary>
/// Opens the compiled model on the execution providers that it is for, as far as they are on this machine: where its nodes go, what they answer, and what
/// the providers compile.
/// </summary>
internal sealed class ProviderCheck(ModelCompilation compilation, WorkingFolder folder, IProgress<string> progress, CancellationToken cancellationToken)
{
    /// <summary>
    /// Opens it. What a provider compiles is packed beside the model; it is no output that provenance could vouch for, since it hangs on the machine, and
    /// its own stamp says what it is good for.
    /// </summary>
    /// <param name="files">The model and its external data, as the manifest states them.</param>
    public PlacementReport Run(IReadOnlyList<ManifestFile> files)
    {
        progress.Report($"placing the nodes on {string.Join(", ", compilation.Settings.ExecutionProviders)}");
        // The folder that programs of this user look into: neither the next build nor the first start has to compile again.
        string kept = ArtefactOptions.UserFolder is { Length: > 0 } user ? user : folder.PathOf("compiled");
        var artefacts = new ArtefactOptions(kept, ArtefactOptions.HashOf(files.Select(file => file.Sha256))) { Archive = folder.PathOf(compilation.Files.Compiled) };
        OrtEnvironment.Logged += Tell;
        try
        {
            PlacementReport report = PlacementReport.Of(folder.PathOf(compilation.Files.Model), compilation.Settings.ProviderChoices, artefacts, Compare);
            ArtefactArchive.Write(artefacts);
            return report;
        }
        finally
        {
            OrtEnvironment.Logged -= Tell;
        }
    }

    private Agreement? Compare(InferenceSession onProvider)
    {
        progress.Report("comparing the answers with the CPU's");
        string path = folder.PathOf(compilation.Files.Model);
        Model model = OnnxReader.Read(path);
        using InferenceSession onCpu = OpenOnCpu(model, path);
        ItemSettings settings = compilation.Settings;
        SampleSet? samples = (settings.Calibration ?? settings.Evaluation) is { } data ? SampleSet.Open(data, SampleInput.Of(model)) : null;
        return ProviderComparison.Run(onCpu, onProvider, samples, cancellationToken);
    }

    /// <summary>The CPU has no arithmetic in bfloat16: there the model is computed in float32. Sums of integers are exact, as a provider's are.</summary>
    /// <param name="model">The compiled model.</param>
    /// <param name="path">Its file.</param>
    internal static InferenceSession OpenOnCpu(Model model, string path)
    {
        SessionOptions options = ExactIntegers.For(model);
        var widening = new HalfWidening(HalfFormat.BFloat16, rounds: true);
        if (!widening.IsNeeded(model)) return InferenceSession.Open(path, options);
        Model wide = model.Clone();
        widening.Apply(new PassContext(wide, TargetProfile.CpuPortable));
        return InferenceSession.Open(OnnxWriter.ToBytes(wide), options);
    }

    /// <summary>What the runtime says of its choice and of what it compiles; ONNX Runtime's own lines are not for builds.</summary>
    private void Tell(OrtLogMessage line)
    {
        if (line.Category == OrtLogMessage.OwnCategory) progress.Report(line.Text);
    }
}
