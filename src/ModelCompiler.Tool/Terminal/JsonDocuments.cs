using System.Text.Json.Serialization;
using ModelCompiler.Tool.Caching;
using ModelCompiler.Tool.Commands;
using ModelCompiler.Tool.Inspection;
using ModelCompiler.Tool.Reports;

namespace ModelCompiler.Tool.Terminal;

/// <summary>
/// The documents that the tool writes and reads, and how: code that the compiler makes of them. To look at their types while the tool runs took as long as many a
/// compilation's passes, and cannot be done where all code is compiled ahead of time.
/// </summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, WriteIndented = true, NewLine = "\n", GenerationMode = JsonSourceGenerationMode.Metadata, Converters = [typeof(JsonText.DoubleConverter)])]
[JsonSerializable(typeof(BenchCommand.BenchDocument))]
[JsonSerializable(typeof(BisectCommand.BisectDocument))]
[JsonSerializable(typeof(CacheEntry))]
[JsonSerializable(typeof(CacheKey.KeyContent))]
[JsonSerializable(typeof(CompareCommand.CompareDocument))]
[JsonSerializable(typeof(CompileReport))]
[JsonSerializable(typeof(MachineReport))]
[JsonSerializable(typeof(ModelSummary))]
[JsonSerializable(typeof(ProfileCommand.ProfileDocument))]
[JsonSerializable(typeof(Program.Failure))]
[JsonSerializable(typeof(Provenance))]
[JsonSerializable(typeof(TuneCommand.TuneReport))]
[JsonSerializable(typeof(VerifyCommand.VerifyDocument))]
internal sealed partial class JsonDocuments : JsonSerializerContext;
