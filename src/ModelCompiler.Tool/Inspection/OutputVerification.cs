using System.Text.Json;
using ModelCompiler.Diagnostics;
using ModelCompiler.Manifests;
using ModelCompiler.Onnx;
using ModelCompiler.Tool.Compilation;
using ModelCompiler.Tool.Reports;
using ModelCompiler.Tool.Terminal;

namespace ModelCompiler.Tool.Inspection;

/// <summary>A file whose hash is stated somewhere.</summary>
/// <param name="File">Its path, below the folder that is verified where it lies there.</param>
/// <param name="StatedBy">Name of the manifest or provenance file.</param>
/// <param name="Expected">The hash that is stated.</param>
/// <param name="Actual">The hash that the file has; null where it is not there.</param>
internal sealed record VerifiedFile(string File, string StatedBy, string Expected, string? Actual)
{
    public bool IsGood => Actual == Expected;
}

/// <summary>Recomputes the hashes that the manifests and provenance files below a folder state.</summary>
internal static class OutputVerification
{
    private const string ManifestPattern = "*.model.json";

    /// <param name="folder">The folder.</param>
    /// <param name="source">The model that each should have been compiled from, or null.</param>
    /// <exception cref="CompilerException">A manifest or provenance file cannot be read (OM1101).</exception>
    public static IReadOnlyList<VerifiedFile> Run(string folder, string? source)
    {
        string? sourceHash = source is null ? null : FileFacts.Of(source).Sha256;
        var result = new List<VerifiedFile>();
        foreach (string path in Directory.EnumerateFiles(folder, ManifestPattern, SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            ModelManifest manifest = ReadManifest(path);
            Add(path, [manifest.Model, .. manifest.ExternalData]);
            if (source is not null) result.Add(new VerifiedFile(source, Path.GetFileName(path), manifest.Source.Sha256, sourceHash));
            string provenance = Path.Combine(Path.GetDirectoryName(path)!, new OutputNames(manifest.Name).Provenance);
            if (!File.Exists(provenance)) continue;
            Provenance origin = ReadProvenance(provenance);
            Add(provenance, origin.Outputs);
            // Both speak of one compilation: what was read must be the same in both.
            result.Add(new VerifiedFile(manifest.Source.Name, Path.GetFileName(provenance), manifest.Source.Sha256, origin.Inputs is [var first, ..] ? first.Sha256 : null));
        }
        return result;

        void Add(string statedBy, IEnumerable<ManifestFile> files) => result.AddRange(files.Select(file => Check(folder, statedBy, file)));
    }

    private static VerifiedFile Check(string folder, string statedBy, ManifestFile file)
    {
        string path = Path.Combine(Path.GetDirectoryName(statedBy)!, Path.GetFileName(file.Name));
        return new VerifiedFile(Path.GetRelativePath(folder, path), Path.GetFileName(statedBy), file.Sha256, File.Exists(path) ? FileFacts.Of(path).Sha256 : null);
    }

    private static ModelManifest ReadManifest(string path) => ManifestReader.TryRead(Read(path), out ModelManifest? manifest, out string? error)
        ? manifest
        : throw DiagnosticTable.ManifestInvalid.Error(path, error);

    private static Provenance ReadProvenance(string path)
    {
        try
        {
            return JsonText.Read<Provenance>(Read(path)) is { SchemaVersion: Provenance.CurrentVersion } provenance
                ? provenance
                : throw DiagnosticTable.ManifestInvalid.Error(path, "it was written by another version");
        }
        catch (JsonException e)
        {
            throw DiagnosticTable.ManifestInvalid.Error(path, e.Message.TrimEnd('.'));
        }
    }

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiagnosticTable.FileUnreadable.ErrorIn(path, e.Message);
        }
    }
}
