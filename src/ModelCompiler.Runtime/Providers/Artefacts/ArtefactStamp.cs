using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace ModelCompiler.Runtime;

/// <summary>What compiled artefacts hang on: they fit as long as all of it is the same.</summary>
internal sealed class ArtefactStamp
{
    private const int LongestFact = 80;

    private readonly SortedDictionary<string, string> _facts;

    internal ArtefactStamp(IReadOnlyDictionary<string, string> facts) => _facts = new(facts.ToDictionary(), StringComparer.Ordinal);

    /// <summary>What a provider would compile for now.</summary>
    public static ArtefactStamp Of(
        NativeEnvironment environment, ProviderDescription description, SessionOptions options, string modelHash) => new(new Dictionary<string, string>
        {
            ["model"] = modelHash,
            ["ONNX Runtime"] = environment.Library.Version,
            ["provider"] = string.Join(", ", ProviderInspection.LibrariesOf(environment.Library.Path, description).Where(library => library.Exists).Select(Fact)),
            ["options"] = OptionText(description, options),
            ["driver"] = DriverText(description.Artefacts!),
            ["device"] = string.Join(", ", ProviderDevice.All(environment).Where(device => device.Provider == description.RuntimeName).Select(Fact)),
            ["machine"] = $"{RuntimeInformation.RuntimeIdentifier}, {ProcessorName()}",
        });

    /// <summary>What a provider would compile for devices of its own.</summary>
    public static ArtefactStamp Of(
        NativeEnvironment environment, IEnumerable<ProviderDevice> devices, SessionOptions options, string modelHash) => new(new Dictionary<string, string>
        {
            ["model"] = modelHash,
            ["ONNX Runtime"] = environment.Library.Version,
            ["options"] = SessionText(options),
            ["device"] = string.Join(", ", devices.Select(Fact)),
            ["machine"] = $"{RuntimeInformation.RuntimeIdentifier}, {ProcessorName()}",
        });

    /// <summary>One line for each fact.</summary>
    public string Write() => string.Concat(_facts.Select(fact => $"{fact.Key}={fact.Value}\n"));

    /// <summary>What <see cref="Write"/> wrote; lines that are none are passed over, and the stamp then differs.</summary>
    public static ArtefactStamp Parse(string text) => new(text.Split('\n').Select(line => line.Split('=', 2)).Where(parts => parts.Length == 2)
        .DistinctBy(parts => parts[0]).ToDictionary(parts => parts[0], parts => parts[1], StringComparer.Ordinal));

    /// <summary>What is not as in <paramref name="made"/>, for people; null where nothing differs.</summary>
    public string? DifferenceFrom(ArtefactStamp made)
    {
        string[] differences =
        [
            .. _facts.Keys.Union(made._facts.Keys, StringComparer.Ordinal).Where(key => ValueOf(key) != made.ValueOf(key))
                .Select(key => $"{key} was '{made.ValueOf(key)}' and is '{ValueOf(key)}'"),
        ];
        return differences.Length == 0 ? null : string.Join("; ", differences);
    }

    private string ValueOf(string key) => _facts.GetValueOrDefault(key, "");

    private static string Fact(ProviderLibrary library) =>
        string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(library.Path)} {library.Version} ({new FileInfo(library.Path).Length} bytes)");

    private static string Fact(ProviderDevice device) => $"{device.Provider} {device.Version} on {device.Vendor} {device.Type} {device.Id}".Trim();

    private static string OptionText(ProviderDescription description, SessionOptions options)
    {
        var given = options.ExecutionProviders.FirstOrDefault(choice => choice.Provider == description.Provider)?.Options ?? new Dictionary<string, string>();
        return string.Join(", ", given.OrderBy(option => option.Key, StringComparer.Ordinal).Select(option => $"{option.Key}={option.Value}").Append(SessionText(options)));
    }

    /// <summary>What changes the graph that a provider gets.</summary>
    private static string SessionText(SessionOptions options) => string.Join(
        ", ", options.FixedDimensions.OrderBy(size => size.Key, StringComparer.Ordinal).Select(size => $"{size.Key}:{size.Value}").Prepend($"optimization {options.GraphOptimization}"));

    private static string DriverText(ProviderArtefacts artefacts)
    {
        IEnumerable<string> texts = OperatingSystem.IsLinux() ? artefacts.LinuxDriverFiles.SelectMany(TextsBelow)
            : OperatingSystem.IsWindows() ? artefacts.WindowsDriverLibraries.Select(VersionOfSystemLibrary)
            : [];
        string all = string.Join('\n', texts);
        // Many lines say no more to people than a hash.
        bool isReadable = all.Length < LongestFact && !all.Contains('\n', StringComparison.Ordinal);
        return isReadable ? all : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(all)))[..16];
    }

    private static string VersionOfSystemLibrary(string name)
    {
        string path = Path.Combine(Environment.SystemDirectory, name);
        return File.Exists(path) ? FileVersionInfo.GetVersionInfo(path).FileVersion ?? "" : "";
    }

    private static IEnumerable<string> TextsBelow(string path)
    {
        string[] files = File.Exists(path) ? [path]
            : Directory.Exists(path) ? [.. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)]
            : [];
        return files.Select(file => File.ReadAllText(file).Trim());
    }

    /// <summary>Some providers compile for the processor.</summary>
    private static string ProcessorName() => !File.Exists("/proc/cpuinfo")
        ? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? ""
        : File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[^1].Trim() ?? "";
}
