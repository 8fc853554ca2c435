using System.Security.Cryptography;
using System.Text;
using ModelCompiler.Diagnostics;
using ModelCompiler.Json;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Tool.Settings;

namespace ModelCompiler.Tool.Compilation;

/// <summary>
/// <c>&lt;model&gt;.plan.json</c>, beside the model: what tuning decided, to be checked in. With it every later build makes the same model on any
/// machine. It names what it was made for by a hash.
/// </summary>
/// <param name="Subject">What it was made for.</param>
/// <param name="Plan">What was decided.</param>
/// <param name="Asked">The precision that was asked for, which may have left it open; null in plans of versions before.</param>
/// <param name="Objective">What <see cref="Precision.Auto"/> looked for; null where it was not asked.</param>
internal sealed record PlanFile(string Subject, CompilationPlan Plan, Precision? Asked, Objective? Objective)
{
    /// <summary>A plan as the settings led to it.</summary>
    public static PlanFile Of(CompilationSource source, ItemSettings settings, CompilationPlan plan) =>
        new(SubjectOf(source, settings), plan, settings.Precision, settings.Precision == Precision.Auto ? settings.Objective : null);

    private const long CurrentVersion = 1;

    /// <summary>Where the plan of a model is.</summary>
    public static string PathOf(string model) => Path.ChangeExtension(Path.GetFullPath(model), ".plan.json");

    /// <summary>What a plan is made for: the files of the model, and the settings that change its graph before it is compiled.</summary>
    public static string SubjectOf(CompilationSource source, ItemSettings settings)
    {
        IEnumerable<string> files = source.Files.Where(file => file.Role is InputFile.ModelRole or InputFile.ExternalDataRole).Select(file => file.Sha256);
        IEnumerable<string> given = settings.Given.Where(setting => setting.Name is "Outputs" or "OptionalInputs" or "Dimensions" or "Image").Select(setting => $"{setting.Name}={setting.Text}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', [.. files, .. given.Order(StringComparer.Ordinal)]))));
    }

    /// <summary>The plan beside a model, where it is for this precision or the precision is open; else null.</summary>
    /// <exception cref="CompilerException">It cannot be read (OM2242), or was made for something else (OM2241).</exception>
    public static PlanFile? Find(string model, string subject, Precision precision)
    {
        string path = PathOf(model);
        // float32 leaves nothing to decide.
        if (precision == Precision.Float32 || !File.Exists(path)) return null;
        PlanFile file = Read(path);
        if (!file.IsFor(precision)) return null;
        return file.Subject == subject ? file : throw DiagnosticTable.PlanOfOther.ErrorIn(path);
    }

    /// <summary>Mixtures hold a budget of their own, so that their plan is for them alone: what it is made of may be a precision that was not asked for.</summary>
    private bool IsFor(Precision precision) =>
        precision == Precision.Auto || precision == Asked || (precision == Plan.Precision && Asked != Precision.Mixed);

    /// <summary>What is to be said where it is followed though it was made for another objective; null where it was not.</summary>
    public (string, string)? OtherObjective(ItemSettings settings) => settings.Precision == Precision.Auto && Objective is { } made && made != settings.Objective
        ? (DiagnosticTable.PlanOfOtherObjective.Id, DiagnosticTable.PlanOfOtherObjective.Text(made, settings.Objective)) : null;

    /// <summary>Writes the file, complete or not at all.</summary>
    /// <exception cref="CompilerException">It cannot be written (OM6002).</exception>
    public void Write(string path) => Write(path, ToJson());

    /// <summary>Writes the text of a plan, complete or not at all.</summary>
    /// <exception cref="CompilerException">It cannot be written (OM6002).</exception>
    public static void Write(string path, string text)
    {
        string temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            File.WriteAllText(temporary, text);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiagnosticTable.FileUnwritable.ErrorIn(path, e.Message);
        }
    }

    private string ToJson()
    {
        var json = new JsonWriter().BeginObject();
        json.Name("version").Value(CurrentVersion);
        json.Name("subject").Value(Subject);
        json.Name("precision").Value(Plan.Precision.ToString());
        if (Asked is { } asked) json.Name("asked").Value(asked.ToString());
        if (Objective is { } objective) json.Name("objective").Value(objective.ToString());
        Write(json.Name("choices"), Plan.Choices);
        Write(json.Name("layers"), Plan.Layers);
        return json.EndObject().ToString();
    }

    private static void Write(JsonWriter json, IReadOnlyDictionary<string, string> words)
    {
        json.BeginObject();
        foreach (var (name, word) in words.OrderBy(pair => pair.Key, StringComparer.Ordinal)) json.Name(name).Value(word);
        json.EndObject();
    }

    private static PlanFile Read(string path)
    {
        try
        {
            JsonValue root = JsonReader.Parse(File.ReadAllText(path));
            if (root["version"].AsInt64() != CurrentVersion) throw root["version"].Fault("1");
            Precision precision = Word<Precision>(root, "precision") ?? throw root["precision"].Fault("a precision");
            if (precision == Precision.Auto) throw root["precision"].Fault("a precision");
            var plan = new CompilationPlan { Precision = precision, Choices = Words(root["choices"]), Layers = Words(root["layers"]) };
            return new PlanFile(root["subject"].AsString(), plan, Word<Precision>(root, "asked"), Word<Objective>(root, "objective"));
        }
        catch (Exception e) when (e is JsonFormatException or IOException or UnauthorizedAccessException)
        {
            throw DiagnosticTable.PlanInvalid.ErrorIn(path, e.Message.TrimEnd('.'));
        }
    }

    /// <summary>A word of an enumeration; null where there is none.</summary>
    private static T? Word<T>(JsonValue root, string name) where T : struct, Enum => root[name].AsStringOrNull() is not { } text ? null
        : Enum.TryParse(text, out T word) ? word : throw root[name].Fault($"one of {string.Join(", ", Enum.GetNames<T>())}");

    private static Dictionary<string, string> Words(JsonValue value) => value.Members.ToDictionary(member => member.Key, member => member.Value.AsString(), StringComparer.Ordinal);
}
