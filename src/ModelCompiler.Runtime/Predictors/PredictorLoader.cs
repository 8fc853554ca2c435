using System.Security.Cryptography;
using ModelCompiler.Diagnostics;

namespace ModelCompiler.Runtime;

/// <summary>Opens the model of a predictor, once everything is proved to be what the code was generated for.</summary>
internal static class PredictorLoader
{
    private const string ExternalDataFolder = "session.model_external_initializers_file_folder_path";

    /// <exception cref="ModelIntegrityException">A file or version is not the one that the code was generated for.</exception>
    public static SharedSession Open(string predictor, PredictorDescription description, PredictorOptions options)
    {
        // Before anything else asks the library: the first one decides what threads there are to share.
        var environment = options.Environment ?? NativeEnvironment.For(options.SharedThreads);
        CheckVersions(predictor, description);
        string path = Path.Combine(AppContext.BaseDirectory, options.ModelPath ?? description.Model.Path);
        var session = SharedSession.Rent(KeyOf(path, description, options), () => OpenChecked(predictor, path, description, options, environment));
        try
        {
            SignatureCheck.Check(predictor, description, session.Session);
            return session;
        }
        catch
        {
            session.Return();
            throw;
        }
    }

    /// <summary>All that makes a session another one; null where a program changes it in ways that nobody can compare.</summary>
    private static string? KeyOf(string path, PredictorDescription description, PredictorOptions options)
    {
        if (options.ConfigureSession is not null || options.Environment is not null)
        {
            return null;
        }

        var providers = (options.ExecutionProviders ?? description.ExecutionProviders)
            .Select(choice => $"{choice.Provider}({string.Join(';', choice.Options.OrderBy(option => option.Key, StringComparer.Ordinal))})");
        var files = description.ExternalData.Select(file => file.Sha256).Prepend(description.Model.Sha256).Prepend(path);
        string[] settings = [$"{options.IntraOpThreads ?? description.IntraOpThreads}", $"{options.SharedThreads}", $"{options.AllowSpinning}", $"{options.ArenaLimit}", $"{options.CompiledFolder}"];
        return string.Join('\n', files.Concat(providers).Concat(settings).Concat(description.HostNodes));
    }

    private static InferenceSession OpenChecked(
        string predictor, string path, PredictorDescription description, PredictorOptions options, NativeEnvironment environment)
    {
        // Hashed and opened are the same bytes: nobody can exchange the file in between.
        bool isEmbedded = description.Model.EmbeddedIn is not null && options.ModelPath is null;
        byte[] model = ReadChecked(predictor, path, description.Model.Sha256, isEmbedded ? OpenResource(predictor, description.Model) : OpenFile(predictor, path));
        string folder = Path.GetDirectoryName(path)!;
        foreach (var file in description.ExternalData)
        {
            CheckHash(predictor, Path.Combine(folder, Path.GetFileName(file.Path)), file.Sha256);
        }

        return InferenceSession.Open(environment, model, SessionOptionsFor(description, options, path));
    }

    private static SessionOptions SessionOptionsFor(PredictorDescription description, PredictorOptions options, string path)
    {
        var session = new SessionOptions
        {
            IntraOpThreads = options.IntraOpThreads ?? description.IntraOpThreads,
            SharedThreads = options.SharedThreads,
            AllowSpinning = options.AllowSpinning,
            ArenaLimit = options.ArenaLimit ?? new SessionOptions().ArenaLimit,
            ExecutionProviders = options.ExecutionProviders ?? description.ExecutionProviders,
            HostNodes = description.HostNodes.ToHashSet(StringComparer.Ordinal),
            ExactIntegers = description.ExactIntegers,
            ConfigEntries = description.ExternalData.Count == 0 ? new Dictionary<string, string>() : new() { [ExternalDataFolder] = Path.GetDirectoryName(path)! },
            Artefacts = ArtefactsFor(description, options, path),
        };
        return options.ConfigureSession?.Invoke(session) ?? session;
    }

    private static ArtefactOptions? ArtefactsFor(PredictorDescription description, PredictorOptions options, string path)
    {
        string folder = options.CompiledFolder ?? ArtefactOptions.UserFolder;
        string hash = ArtefactOptions.HashOf(description.ExternalData.Prepend(description.Model).Select(file => file.Sha256));
        return folder.Length == 0 ? null : new ArtefactOptions(folder, hash) { Archive = path + ArtefactArchive.Suffix };
    }

    private static void CheckVersions(string predictor, PredictorDescription description)
    {
        var version = typeof(PredictorLoader).Assembly.GetName().Version!;
        if (Version.Parse(description.MinimumRuntimeVersion) is var needed && new Version(version.Major, version.Minor, version.Build) < needed)
        {
            throw new ModelIntegrityException(DiagnosticTable.RuntimeTooOld, predictor, "ModelCompiler.Runtime", needed, version.ToString(3));
        }

        if (OrtEnvironment.ApiVersion < description.MinimumOrtApiVersion)
        {
            throw new ModelIntegrityException(
                DiagnosticTable.RuntimeTooOld, predictor, "ONNX Runtime", $"1.{description.MinimumOrtApiVersion}", $"{OrtEnvironment.Version} ({OrtEnvironment.LibraryPath})");
        }
    }

    private static byte[] ReadChecked(string predictor, string path, string sha256, Stream content)
    {
        using var file = content;
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        CompareHash(predictor, path, SHA256.HashData(bytes), sha256);
        return bytes;
    }

    private static void CheckHash(string predictor, string path, string sha256)
    {
        using var file = OpenFile(predictor, path);
        CompareHash(predictor, path, SHA256.HashData(file), sha256);
    }

    private static Stream OpenResource(string predictor, ModelFile model) =>
        model.EmbeddedIn!.GetManifestResourceStream(model.Path) ?? throw new ModelIntegrityException(DiagnosticTable.ModelFileMissing, model.Path, predictor);

    private static FileStream OpenFile(string predictor, string path)
    {
        try
        {
            return File.OpenRead(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ModelIntegrityException(DiagnosticTable.ModelFileMissing, path, predictor);
        }
    }

    private static void CompareHash(string predictor, string path, byte[] actual, string expected)
    {
        string hash = Convert.ToHexStringLower(actual);
        if (!string.Equals(hash, expected, StringComparison.OrdinalIgnoreCase))
        {
            throw new ModelIntegrityException(DiagnosticTable.ModelFileChanged, path, predictor, hash, expected);
        }
    }
}
