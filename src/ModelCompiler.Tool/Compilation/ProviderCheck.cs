using ModelCompiler.Manifests;
using ModelCompiler.Runtime;
using ModelCompiler.Tool.Inspection;

namespace ModelCompiler.Tool.Compilation;

/// <summary>Opens the compiled model on the execution providers that it is for, as far as they are on this machine: where its nodes go, and what the providers compile.</summary>
internal sealed class ProviderCheck(ModelCompilation compilation, WorkingFolder folder, IProgress<string> progress)
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
            PlacementReport report = PlacementReport.Of(folder.PathOf(compilation.Files.Model), compilation.Settings.ProviderChoices, artefacts);
            ArtefactArchive.Write(artefacts);
            return report;
        }
        finally
        {
            OrtEnvironment.Logged -= Tell;
        }
    }

    /// <summary>What the runtime says of its choice and of what it compiles; ONNX Runtime's own lines are not for builds.</summary>
    private void Tell(OrtLogMessage line)
    {
        if (line.Category == OrtLogMessage.OwnCategory) progress.Report(line.Text);
    }
}
